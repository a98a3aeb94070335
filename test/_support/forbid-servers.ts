/** A setup file for the fast tests. A test that starts a server or a process fails. */
import { ChildProcess } from 'node:child_process';
import { Server } from 'node:net';

function refuseToStart(): never {
  throw new Error(
    'A fast test may not start a server or a process. Say why the test file is slow, in a comment that begins with ' +
      '"// Slow: ". It then runs with the slow tests.',
  );
}

Object.assign(ChildProcess.prototype, { spawn: refuseToStart });
Object.assign(Server.prototype, { listen: refuseToStart });
