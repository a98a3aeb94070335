/**
 * Runs all checks, the quickest first: tools, types, lint, unit and integration tests, the production build, the browser
 * tests. Stops at the first step that fails, and prints its name.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ensureTools } from './install-tools.mjs';
import { getToolVariables } from './system-tools.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const reports = mkdtempSync(join(tmpdir(), 'trpc-session-test-'));
const limitMinutes = 12;
const deadline = Date.now() + limitMinutes * 60_000;
const vitestReport = join(reports, 'vitest.json');
const playwrightReport = join(reports, 'playwright.json');

const steps = [
  ['tools', prepareTools],
  ['types', () => runScript('test:types')],
  ['lint', () => runScript('test:lint')],
  [
    'unit and integration',
    () => runScript('test:unit', ['--reporter=default', '--reporter=json', `--outputFile.json=${vitestReport}`]),
  ],
  // No server listens on this port, because a build needs no Redis.
  ['production build', () => runScript('build', [], { REDIS_URL: 'redis://127.0.0.1:1' })],
  ['end to end', () => runScript('test:e2e', ['--reporter=list,json'])],
];

Object.assign(process.env, { NEXT_TELEMETRY_DISABLED: '1', PLAYWRIGHT_JSON_OUTPUT_FILE: playwrightReport });
const failedStep = await findFirstFailing(steps);
printSummary(failedStep);
rmSync(reports, { recursive: true, force: true });
process.exitCode = failedStep ? 1 : 0;

async function findFirstFailing(all) {
  for (const [label, run] of all) {
    if (!(await runStep(label, run))) return label;
  }
  return undefined;
}

/** Runs one step. Resolves to whether it passed. */
async function runStep(label, run) {
  const startedAt = performance.now();
  console.log(`\n=== ${label}`);
  try {
    await run();
    console.log(`=== ${label}: ok (${((performance.now() - startedAt) / 1000).toFixed(1)} s)`);
    return true;
  } catch (error) {
    console.error(error.message);
    return false;
  }
}

async function prepareTools() {
  await ensureTools();
  Object.assign(process.env, getToolVariables());
}

async function runScript(script, args = [], env = {}) {
  // In its own process group, so that its child processes can be ended with it.
  const child = spawn('npm', ['run', '--silent', script, '--', ...args], {
    cwd: root,
    env: { ...process.env, ...env },
    detached: true,
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  const endGroup = () => process.kill(-child.pid, 'SIGKILL');
  const handleInterrupt = () => {
    endGroup();
    process.exit(130);
  };
  const timer = setTimeout(endGroup, deadline - Date.now());
  for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, handleInterrupt);
  const [status] = await once(child, 'exit');
  for (const signal of ['SIGINT', 'SIGTERM']) process.off(signal, handleInterrupt);
  clearTimeout(timer);
  if (Date.now() >= deadline)
    throw new Error(`npm run ${script} was stopped: all steps together may take ${limitMinutes} minutes.`);
  if (status !== 0)
    throw new Error(`npm run ${script} ended with ${status === null ? 'a signal' : `exit code ${status}`}.`);
}

function printSummary(failedLabel) {
  const counts = [countVitest(), countPlaywright()];
  const sum = (key) => counts.reduce((total, count) => total + count[key], 0);
  console.log(failedLabel ? `\nFAILED: ${failedLabel}` : '\nEverything passed');
  console.log(`${sum('passed')} passed, ${sum('failed')} failed, ${sum('skipped')} skipped`);
}

function countVitest() {
  const results = readReport(vitestReport);
  if (!results) return { passed: 0, failed: 0, skipped: 0 };
  // A file that could not be loaded has no tests to count, but it failed.
  const unloadable = results.testResults.filter(
    (file) => file.status === 'failed' && file.assertionResults.length === 0,
  );
  return {
    passed: results.numPassedTests,
    failed: results.numFailedTests + unloadable.length,
    skipped: results.numPendingTests + (results.numTodoTests ?? 0),
  };
}

function countPlaywright() {
  const results = readReport(playwrightReport);
  if (!results) return { passed: 0, failed: 0, skipped: 0 };
  const { expected, unexpected, flaky, skipped } = results.stats;
  return { passed: expected + flaky, failed: unexpected, skipped };
}

function readReport(path) {
  return existsSync(path) ? JSON.parse(readFileSync(path, 'utf8')) : undefined;
}
