/** Installs the programs that the tests need with apt-get, and asks first on a machine that belongs to a person. */
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { createInterface } from 'node:readline/promises';
import { explainMissing, findProgram, formatInstallCommand, listMissingTools, listPackages } from './system-tools.mjs';

/** Names of the first process on a machine that is not a container. */
const initSystems = ['systemd', 'init', 'openrc-init', 'runit', 'dinit', 'finit', 'shepherd', 'launchd'];

/**
 * Decides what to do when tools are missing: install them, ask first, or only explain how to install them by hand.
 *
 * @param {object} situation
 * @param {boolean} situation.canInstall Whether apt-get is there and this user may run it.
 * @param {boolean} situation.isCi Whether this is a CI run.
 * @param {boolean} situation.isRootInContainer Whether this is root in a container.
 * @param {boolean} situation.isInteractive Whether a person can answer a question.
 * @returns {'install' | 'ask' | 'explain'}
 */
export function decideInstall({ canInstall, isCi, isRootInContainer, isInteractive }) {
  if (!canInstall) return 'explain';
  if (isCi || isRootInContainer) return 'install';
  return isInteractive ? 'ask' : 'explain';
}

/**
 * Whether the machine is a container. A container has a marker of its engine, or its first process is no init system.
 *
 * @param {object} machine
 * @param {Record<string, string | undefined>} machine.env
 * @param {(path: string) => boolean} machine.hasFile
 * @param {string | undefined} machine.firstProcess The name of process 1. Undefined if the system does not show it.
 */
export function isContainer({ env, hasFile, firstProcess }) {
  if (['/.dockerenv', '/run/.containerenv'].some(hasFile)) return true;
  if (env.container || env.KUBERNETES_SERVICE_HOST) return true;
  return firstProcess !== undefined && !initSystems.includes(firstProcess);
}

/**
 * Whether the environment is that of a CI run. `CI=false` and `CI=0` are not.
 *
 * @param {Record<string, string | undefined>} env
 */
export function isCiRun(env) {
  return !['', 'false', '0'].includes((env.CI ?? '').toLowerCase());
}

/**
 * Makes sure that the required tools are installed. Throws with instructions if they are not.
 *
 * @param {'test:webkit'} [command] A command that needs more tools than `npm test`.
 */
export async function ensureTools(command) {
  const missing = listMissingTools(command);
  if (missing.length === 0) return;
  const isInteractive = Boolean(process.stdin.isTTY && process.stdout.isTTY);
  const prefix = findInstallPrefix(isInteractive);
  const machine = { env: process.env, hasFile: existsSync, firstProcess: readFirstProcess() };
  const decision = decideInstall({
    canInstall: prefix !== undefined,
    isCi: isCiRun(process.env),
    isRootInContainer: isRoot() && isContainer(machine),
    isInteractive,
  });
  const packages = listPackages(missing);
  if (decision === 'explain' || (decision === 'ask' && !(await askToInstall(packages)))) {
    throw new Error(explainMissing(missing));
  }
  install(packages, prefix);
}

async function askToInstall(packages) {
  const terminal = createInterface({ input: process.stdin, output: process.stdout });
  console.log(`The tests need ${packages.join(' and ')}. This command installs what is missing:`);
  console.log(`  ${formatInstallCommand(packages)}`);
  const answer = await terminal.question('Run it now? [y/N] ');
  terminal.close();
  return /^y(es)?$/i.test(answer.trim());
}

function install(packages, prefix) {
  console.log(`Installing ${packages.join(' and ')} with apt-get`);
  runApt(prefix, ['update']);
  runApt(prefix, ['install', '-y', '--no-install-recommends', ...packages]);
}

function runApt(prefix, args) {
  const [command, ...rest] = [...prefix, 'env', 'DEBIAN_FRONTEND=noninteractive', 'apt-get', ...args];
  const { status } = spawnSync(command, rest, { stdio: 'inherit' });
  if (status !== 0) throw new Error(`apt-get ${args.join(' ')} failed.`);
}

/** Returns what must precede apt-get, or undefined if this user may not run it. Only a person can enter a password. */
function findInstallPrefix(isInteractive) {
  if (!findProgram('apt-get')) return undefined;
  if (isRoot()) return [];
  const sudo = findProgram('sudo');
  if (!sudo) return undefined;
  if (isInteractive) return [sudo];
  return spawnSync(sudo, ['-n', 'true'], { stdio: 'ignore' }).status === 0 ? [sudo, '-n'] : undefined;
}

function isRoot() {
  return process.getuid?.() === 0;
}

function readFirstProcess() {
  try {
    return readFileSync('/proc/1/comm', 'utf8').trim();
  } catch {
    return undefined; // There is no /proc outside Linux.
  }
}
