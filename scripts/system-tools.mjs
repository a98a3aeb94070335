/** Finds the programs that the tests need and that npm does not install. */
import { spawnSync } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';

/**
 * Per tool: the variable that overrides the search, the names to search for, and the Debian package. `npm test` needs
 * those without a `command`.
 */
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
    // Not every distribution has it. Tests that need it are skipped, and say so.
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
  webkit: {
    override: 'WEBKIT_DRIVER_BIN',
    names: ['WebKitWebDriver'],
    packageName: 'webkit2gtk-driver',
    command: 'test:webkit',
  },
  xvfb: {
    override: 'XVFB_BIN',
    names: ['Xvfb'],
    packageName: 'xvfb',
    command: 'test:webkit',
  },
};

/** Folders of installed programs that the PATH of a service or a container may lack. */
const usualFolders = ['/usr/local/bin', '/usr/bin', '/usr/local/sbin', '/usr/sbin', '/opt/homebrew/bin'];

/**
 * Returns the path of a tool, or undefined if it is not installed. Throws if its override is not an executable file.
 *
 * @param {'redis' | 'valkey' | 'chromium' | 'webkit' | 'xvfb'} name
 * @returns {string | undefined}
 */
export function findTool(name) {
  const { override, names } = tools[name];
  const chosen = process.env[override];
  if (!chosen) return names.map(findProgram).find(Boolean);
  if (isExecutable(chosen)) return chosen;
  throw new Error(`${override} is "${chosen}", which is not an executable file.`);
}

/**
 * Returns the path of a tool. Throws with instructions if it is not installed.
 *
 * @param {'redis' | 'valkey' | 'chromium' | 'webkit' | 'xvfb'} name
 */
export function requireTool(name) {
  const path = findTool(name);
  if (path) return path;
  throw new Error(explainMissing([name]));
}

/**
 * Returns the names of the required tools that are not installed: those of `npm test`, and those of another command.
 *
 * @param {'test:webkit'} [command] The other command.
 */
export function listMissingTools(command) {
  const isRequired = ({ optional, command: own }) => !optional && (own === undefined || own === command);
  return Object.keys(tools).filter((name) => isRequired(tools[name]) && !findTool(name));
}

/** Returns the environment variables that name each installed tool of `npm test`. Throws if a tool does not run. */
export function getToolVariables() {
  const found = Object.keys(tools).filter((name) => tools[name].command === undefined && findTool(name));
  return Object.fromEntries(found.map((name) => [tools[name].override, requireWorkingTool(name)]));
}

/** Returns the Debian packages of tools. */
export function listPackages(names) {
  return names.map((name) => tools[name].packageName);
}

/** Says which tools are missing, and how to install them by hand. */
export function explainMissing(names) {
  const packages = listPackages(names);
  const overrides = names.map((name) => tools[name].override).join(' or ');
  return [
    `The tests need ${packages.join(' and ')}, which could not be found.`,
    'On Debian or Ubuntu, install what is missing with:',
    `  ${formatInstallCommand(packages)}`,
    `On another system, use its package manager. If a program is in an unusual place, set its path in ${overrides}.`,
  ].join('\n');
}

/** Returns the command that installs packages by hand. */
export function formatInstallCommand(packages) {
  const sudo = process.getuid?.() === 0 ? '' : 'sudo ';
  return `${sudo}apt-get update && ${sudo}apt-get install -y --no-install-recommends ${packages.join(' ')}`;
}

/** Returns the path of a program by its name, or undefined if it is in none of the usual folders. */
export function findProgram(name) {
  if (name.startsWith('/')) return isExecutable(name) ? name : undefined;
  const folders = [...(process.env.PATH ?? '').split(delimiter).filter(Boolean), ...usualFolders];
  return folders.map((folder) => join(folder, name)).find(isExecutable);
}

function requireWorkingTool(name) {
  const path = requireTool(name);
  const { status, stderr } = spawnSync(path, ['--version'], { encoding: 'utf8' });
  // Some distributions install a placeholder of the same name, which only says where to get the program.
  if (status !== 0) throw new Error(`${path} --version failed.\n${stderr ?? ''}\n${explainMissing([name])}`);
  return path;
}

function isExecutable(path) {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
