import { spawnSync } from 'node:child_process';

/**
 * Runs the tests about faults once with each client library, or with those that the arguments name. `npm test` runs their
 * core cases.
 */
const chosen = process.argv.slice(2);
const libraries = chosen.length > 0 ? chosen : ['ioredis 6', 'ioredis 5', 'redis 6', 'redis 5'];
const files = ['test/testing/redis-contract', 'test/integration/lost-replies', 'test/integration/faults'];

const failed = libraries.filter((library) => {
  process.stdout.write(`\n${library}\n`);
  const env = { ...process.env, TEST_REDIS_CLIENTS: library };
  return spawnSync('npx', ['vitest', 'run', ...files], { env, stdio: 'inherit' }).status !== 0;
});
if (failed.length > 0) process.stdout.write(`\nFailed with: ${failed.join(', ')}\n`);
process.exitCode = failed.length === 0 ? 0 : 1;
