import { spawnSync } from 'node:child_process';
import { accessSync, constants, existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';

/** The programs the tests need and npm does not bring: what overrides the search, where to look, what to install. */
const tools = {
  redis: {
    override: 'REDIS_SERVER_BIN',
    names: ['redis-server', 'valkey-server'],
    packageName: 'redis-server',
  },
  valkey: {
    override: 'VALKEY_SERVER_BIN',
    names: ['valkey-server'],
    packageName: 'valkey-server',
    // Not every distribution has it; what needs it says that it was left out.
    optional: true,
  },
  chromium: {
    override: 'CHROMIUM_BIN',
    names: [
      'chromium',
      'chromium-browser',
      'google-chrome',
      'google-chrome-stable',
      '/Applications/Chromium.app/Contents/MacOS/Chromium',
      '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
    ],
    packageName: 'chromium',
  },
};

/** Packages land in these even when the PATH of a service or a container leaves them out. */
const usualFolders = ['/usr/local/bin', '/usr/bin', '/usr/local/sbin', '/usr/sbin', '/opt/homebrew/bin'];

/** The path of a tool, or undefined when this machine has none. An override that points nowhere is an error. */
export function findTool(name) {
  const { override, names } = tools[name];
  const chosen = process.env[override];
  if (!chosen) return names.map(locate).find(Boolean);
  if (isExecutable(chosen)) return chosen;
  throw new Error(`${override} is "${chosen}", which is not an executable file.`);
}

/** The path of a tool. Throws what to install when there is none. */
export function requireTool(name) {
  const path = findTool(name);
  if (path) return path;
  throw new Error(`No ${tools[name].names[0]} found. ${advice([name])}`);
}

/** The environment variables that name every tool there is, after installing, where apt can, those that must be. */
export function ensureTools() {
  const missing = Object.keys(tools).filter((name) => !tools[name].optional && !findTool(name));
  if (missing.length > 0) install(missing);
  const found = Object.keys(tools).filter(findTool);
  return Object.fromEntries(found.map((name) => [tools[name].override, workingTool(name)]));
}

function workingTool(name) {
  const path = requireTool(name);
  const { status, stderr } = spawnSync(path, ['--version'], { encoding: 'utf8' });
  // Some distributions ship a placeholder of the same name that only says where the real program is.
  if (status !== 0) throw new Error(`${path} --version failed. ${advice([name])}\n${stderr ?? ''}`);
  return path;
}

function install(missing) {
  const packages = missing.map((name) => tools[name].packageName);
  const prefix = aptPrefix();
  if (!prefix) throw new Error(`Missing: ${packages.join(', ')}. ${advice(missing)}`);
  console.log(`Installing ${packages.join(' and ')} with apt-get`);
  apt(prefix, ['update']);
  apt(prefix, ['install', '-y', '--no-install-recommends', ...packages]);
}

/** What goes before apt-get so that it may install, or undefined when it is not there or may not. */
function aptPrefix() {
  if (!locate('apt-get')) return undefined;
  if (process.getuid?.() === 0) return [];
  const sudo = locate('sudo');
  const maySudo = sudo && spawnSync(sudo, ['-n', 'true'], { stdio: 'ignore' }).status === 0;
  return maySudo ? [sudo, '-n'] : undefined;
}

function apt(prefix, args) {
  const [command, ...rest] = [...prefix, 'env', 'DEBIAN_FRONTEND=noninteractive', 'apt-get', ...args];
  const { status } = spawnSync(command, rest, { stdio: ['ignore', 'inherit', 'inherit'] });
  if (status !== 0) throw new Error(`apt-get ${args.join(' ')} failed. ${advice(Object.keys(tools))}`);
}

function advice(names) {
  const packages = names.map((name) => tools[name].packageName).join(' ');
  const overrides = names.map((name) => tools[name].override).join(' or ');
  return (
    `Install what is missing and run again (on Debian: sudo apt-get update && sudo apt-get install -y ${packages}), ` +
    `or give its path in ${overrides}.`
  );
}

function locate(name) {
  if (name.startsWith('/')) return isExecutable(name) ? name : undefined;
  const folders = [...(process.env.PATH ?? '').split(delimiter).filter(Boolean), ...usualFolders];
  return folders.map((folder) => join(folder, name)).find(isExecutable);
}

function isExecutable(path) {
  try {
    accessSync(path, constants.X_OK);
    return existsSync(path);
  } catch {
    return false;
  }
}
