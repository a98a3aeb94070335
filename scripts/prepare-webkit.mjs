/** Prepares the tests in WebKitGTK, the engine of Safari: installs what they need, and builds the demo. */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { ensureTools } from './install-tools.mjs';

await ensureTools('test:webkit');
const root = fileURLToPath(new URL('..', import.meta.url));
const { status } = spawnSync('npm', ['run', '--silent', 'build'], { cwd: root, stdio: 'inherit' });
process.exitCode = status ?? 1;
