/**
 * Everything that must hold, in the order that fails soonest: tools, types, lint, unit and integration tests, the
 * production build, the browser tests. Stops at the first step that fails and says which one it was.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ensureTools } from './system-tools.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const reports = mkdtempSync(join(tmpdir(), 'trpc-session-test-'));
const limitMinutes = 10;
const deadline = Date.now() + limitMinutes * 60_000;
const vitestReport = join(reports, 'vitest.json');
const playwrightReport = join(reports, 'playwright.json');

const steps = [
  ['tools', () => Object.assign(process.env, ensureTools())],
  ['types', () => npmRun('test:types')],
  ['lint', () => npmRun('test:lint')],
  [
    'unit and integration',
    () => npmRun('test:unit', ['--reporter=default', '--reporter=json', `--outputFile.json=${vitestReport}`]),
  ],
  // Nothing listens there: a build needs no Redis.
  ['production build', () => npmRun('build', [], { REDIS_URL: 'redis://127.0.0.1:1' })],
  ['end to end', () => npmRun('test:e2e', ['--reporter=list,json'])],
];

Object.assign(process.env, { NEXT_TELEMETRY_DISABLED: '1', PLAYWRIGHT_JSON_OUTPUT_FILE: playwrightReport });
const failedStep = await firstFailing(steps);
report(failedStep);
rmSync(reports, { recursive: true, force: true });
process.exitCode = failedStep ? 1 : 0;

async function firstFailing(all) {
  for (const [label, run] of all) {
    if (!(await passes(label, run))) return label;
  }
  return undefined;
}

async function passes(label, run) {
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

async function npmRun(script, args = [], env = {}) {
  // In a group of its own, so that whatever it started can be ended with it.
  const child = spawn('npm', ['run', '--silent', script, '--', ...args], {
    cwd: root,
    env: { ...process.env, ...env },
    detached: true,
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  const endGroup = () => process.kill(-child.pid, 'SIGKILL');
  const interrupted = () => {
    endGroup();
    process.exit(130);
  };
  const timer = setTimeout(endGroup, deadline - Date.now());
  for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, interrupted);
  const [status] = await once(child, 'exit');
  for (const signal of ['SIGINT', 'SIGTERM']) process.off(signal, interrupted);
  clearTimeout(timer);
  if (Date.now() >= deadline)
    throw new Error(`npm run ${script} was ended: everything together has ${limitMinutes} minutes`);
  if (status !== 0)
    throw new Error(`npm run ${script} ended with ${status === null ? 'a signal' : `exit code ${status}`}`);
}

function report(failedLabel) {
  const counts = [vitestCounts(), playwrightCounts()];
  const total = (key) => counts.reduce((sum, count) => sum + count[key], 0);
  console.log(failedLabel ? `\nFAILED: ${failedLabel}` : '\nEverything passed');
  console.log(`${total('passed')} passed, ${total('failed')} failed, ${total('skipped')} skipped`);
}

function vitestCounts() {
  const results = readReport(vitestReport);
  if (!results) return { passed: 0, failed: 0, skipped: 0 };
  // A file that could not even be loaded has no tests to count, yet it did fail.
  const unloadable = results.testResults.filter(
    (file) => file.status === 'failed' && file.assertionResults.length === 0,
  );
  return {
    passed: results.numPassedTests,
    failed: results.numFailedTests + unloadable.length,
    skipped: results.numPendingTests + (results.numTodoTests ?? 0),
  };
}

function playwrightCounts() {
  const results = readReport(playwrightReport);
  if (!results) return { passed: 0, failed: 0, skipped: 0 };
  const { expected, unexpected, flaky, skipped } = results.stats;
  return { passed: expected + flaky, failed: unexpected, skipped };
}

function readReport(path) {
  return existsSync(path) ? JSON.parse(readFileSync(path, 'utf8')) : undefined;
}
