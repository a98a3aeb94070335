import { describe, expect, test } from 'vitest';
import manifest from '../../package.json' with { type: 'json' };
import { compareVersions, oldestNode, supportedVersions } from '../../src/cli/check-versions.ts';
import { parseSecrets } from '../../src/core/record/secret.ts';
import { runIn } from './_support/app.ts';

const secret = 'tQ2vXw8Zr5Lk1NpYc7Hd3Gf9Jm6Bs4Va0';

describe('trpc-session', () => {
  test('secret prints a secret that is accepted, and another one each time', async () => {
    const [one, other] = [await runIn({}, 'secret'), await runIn({}, 'secret')];
    expect(parseSecrets(one.text)).toEqual([one.text]);
    expect(one.code).toBe(0);
    expect(other.text).not.toBe(one.text);
  });

  test.each([['nope'], ['doctor', 'twice'], ['doctor', '--what'], ['doctor', '--redis']])(
    '%s %s is a wrong call',
    async (...args) => {
      const { code, text } = await runIn({}, ...args);
      expect(code).toBe(2);
      expect(text).toContain('Usage: trpc-session <command>');
    },
  );

  test.each([[[]], [['help']], [['--help']], [['doctor', '--help']]])('%j prints the usage', async (args) => {
    expect(await runIn({}, ...args)).toEqual({
      code: 0,
      text: expect.stringMatching(/^Usage: trpc-session <command>/),
    });
  });
});

describe('doctor, versions', () => {
  test('knows the versions that the manifest allows', () => {
    const { peerDependencies, engines } = manifest;
    const ranges = Object.entries(supportedVersions).map(([name, { from, before }]) => [
      name,
      formatRange(from, before),
    ]);
    expect(Object.fromEntries(ranges)).toEqual(peerDependencies);
    expect(engines.node).toBe(`>=${oldestNode.replace(/\.0$/, '')}`);
  });

  test('accepts an app with supported versions', async () => {
    const { code, text } = await runIn(
      { packages: { next: '15.2.0', react: '19.0.0', '@trpc/server': '11.25.0' } },
      'doctor',
    );
    expect(code).toBe(0);
    expect(text).toContain('ok       next 15.2.0\nok       react 19.0.0');
    expect(text).not.toContain('ioredis');
  });

  test.each([
    ['next', '15.1.9', 'Install 15.2.0 or newer.'],
    ['react', '18.3.1', 'Install 19 or newer.'],
    ['@trpc/server', '10.45.2', 'Install 11.8.0 or newer, and older than 12.'],
    ['@trpc/client', '12.0.0', 'Install 11.8.0 or newer, and older than 12.'],
    ['ioredis', '5.10.9', 'Install 5.11.0 or newer, and older than 7.'],
    ['redis', '4.7.0', 'Install 5.0.0 or newer, and older than 7.'],
  ])('refuses %s %s', async (name, version, remedy) => {
    const { code, text } = await runIn({ packages: { [name]: version } }, 'doctor');
    expect(code).toBe(1);
    expect(text).toContain(`error    ${name} ${version} is not supported.\n         ${remedy}`);
  });

  test('compares versions by their numbers', () => {
    expect(compareVersions('15.10.0', '15.9.9')).toBeGreaterThan(0);
    expect(compareVersions('16.0.0-canary.3', '16')).toBe(0);
    expect(compareVersions('19', '19.0.1')).toBeLessThan(0);
  });
});

/** Formats a range as the manifest writes it. */
function formatRange(from: string, before: string | undefined): string {
  const [fromMajor, beforeMajor] = [from, before ?? ''].map((version) => Number.parseInt(version, 10));
  if (before === undefined) return `>=${from}`;
  const isOneMajor = fromMajor !== undefined && beforeMajor === fromMajor + 1;
  return isOneMajor ? `>=${from} <${before}` : `^${from} || ^${(beforeMajor ?? 0) - 1}.0.0`;
}

describe('doctor, the secret', () => {
  test('reads it from the files of Next, of which a later one counts more', async () => {
    const files = { '.env': 'SESSION_SECRET=short', '.env.local': `SESSION_SECRET=${secret}` };
    expect((await runIn({ files }, 'doctor')).text).toContain('ok       SESSION_SECRET is a good secret');
    const env = { SESSION_SECRET: 'short' };
    expect((await runIn({ files, env }, 'doctor')).text).toContain('it needs 32 or more');
  });

  test('counts several, and reads another variable if it is named', async () => {
    const env = { AUTH_SECRET: `${secret},${secret}2` };
    const { text } = await runIn({ env }, 'doctor', '--secret', 'AUTH_SECRET');
    expect(text).toContain('ok       AUTH_SECRET has 2 good secrets');
  });

  test('never prints it', async () => {
    for (const value of [secret, 'short', 'change-me-change-me-change-me-change-me']) {
      expect((await runIn({ env: { SESSION_SECRET: value } }, 'doctor')).text).not.toContain(value);
    }
  });

  test('is required in production only', async () => {
    expect((await runIn({}, 'doctor')).text).toContain('warning  SESSION_SECRET is not set.');
    const env = { NODE_ENV: 'production', SESSION_STORE: 'memory' };
    expect(await runIn({ env }, 'doctor')).toEqual({
      code: 1,
      text: expect.stringContaining(
        'error    SESSION_SECRET is not set.\n         Make one with `npx trpc-session secret`.',
      ),
    });
  });
});

describe('doctor, the settings of Next', () => {
  const guard = "export { hasToken } from 'trpc-session';";
  const onNode = `${guard} export const config = { runtime: 'nodejs' };`;

  test.each([
    ['16.0.0', 'middleware.ts', guard, 'Rename it to proxy.ts'],
    ['15.5.0', 'middleware.ts', guard, "Add `runtime: 'nodejs'` to its config."],
    ['15.2.0', 'src/middleware.ts', guard, 'Use requireSession() in the page instead, or Next 15.5.'],
    ['15.5.0', 'proxy.ts', guard, 'Name the file middleware.ts'],
    ['16.0.0', 'next.config.ts', "export default { output: 'export' }", 'a server'],
  ])('in Next %s, finds the error in %s', async (next, path, text, expected) => {
    const found = await runIn({ files: { [path]: text }, packages: { next } }, 'doctor');
    expect(found.code).toBe(1);
    expect(found.text).toContain(expected);
  });

  test.each([
    ['16.0.0', 'proxy.ts', guard],
    ['15.5.0', 'middleware.ts', onNode],
    ['15.2.0', 'middleware.ts', 'export function middleware() {}'],
  ])('in Next %s, accepts %s', async (next, path, text) => {
    expect((await runIn({ files: { [path]: text }, packages: { next } }, 'doctor')).code).toBe(0);
  });

  test('warns of a forbidden.tsx that Next does not show', async () => {
    const packages = { next: '16.0.0' };
    const files = { 'app/forbidden.tsx': '' };
    expect((await runIn({ files, packages }, 'doctor')).text).toContain('warning  forbidden.tsx is not shown');
    const config = { 'next.config.mjs': 'export default { experimental: { authInterrupts: true } };' };
    expect((await runIn({ files: { ...files, ...config }, packages }, 'doctor')).text).not.toContain('forbidden.tsx');
  });
});
