import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { AppFolder } from './app-folder.ts';

/** What the apps show to a visitor without a session, in HTML and in the payload of Server Components. */
const readSession = /Sign in|signed out|session (?:<!-- -->|",")none/;

/** Lists the pages of a build that were rendered with a session, although a build has no visitor. */
export function findPrerenderedSessions({ folder }: AppFolder): readonly string[] {
  const server = join(folder, '.next/server');
  return readdirSync(server, { recursive: true, encoding: 'utf8' }).filter(
    (path) => /\.(html|rsc|body|json)$/.test(path) && readSession.test(readFileSync(join(server, path), 'utf8')),
  );
}
