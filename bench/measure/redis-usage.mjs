/** Commands that connecting and measuring send. They are not counted. */
const overhead =
  /^(info|ping|hello|auth|select|command|client|slowlog|config|script|cluster|function|readonly|subscribe)$/i;

/** The address that Redis logs for a command that a script runs. The script's own entry includes its time. */
const scriptAddress = '?:0';

/**
 * Counts what an app makes Redis do. It reads Redis' slow log, which has an entry with the duration of each
 * command. `INFO commandstats` would count the commands of a script twice: by themselves and in the script.
 *
 * @param {import('ioredis').Redis[]} nodes A connection to each Redis server.
 */
export function createRedisUsage(nodes) {
  return {
    start: () => Promise.all(nodes.map(startLog)),
    /** Resolves to the commands since `start`: by name, how long each took Redis, in µs. */
    read: async () => {
      const entries = (await Promise.all(nodes.map((node) => node.call('SLOWLOG', 'GET', '-1')))).flat();
      const durations = {};
      for (const [, , micros, [command], address] of entries) {
        if (address === scriptAddress || overhead.test(command)) continue;
        durations[command.toUpperCase()] ??= [];
        durations[command.toUpperCase()].push(micros);
      }
      return durations;
    },
  };
}

async function startLog(node) {
  await node.config('SET', 'slowlog-log-slower-than', '0', 'slowlog-max-len', '1000000');
  await node.call('SLOWLOG', 'RESET');
}
