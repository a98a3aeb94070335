import { createHash } from 'node:crypto';
import type { Cancellation, RedisAdapter } from './redis-adapter.ts';
import { type ScriptName, scripts } from './redis-scripts.ts';

/** A script, and the values to run it with. */
interface ScriptCall {
  readonly name: ScriptName;
  readonly key: string;
  readonly values: readonly (string | number)[];
}

const digests = Object.fromEntries(
  Object.entries(scripts).map(([name, script]) => [name, createHash('sha1').update(script).digest('hex')]),
) as Record<ScriptName, string>;

/**
 * Runs a script by its digest. If Redis no longer has the script (after a restart, a failover or SCRIPT FLUSH), sends
 * its text, unless the call has been cancelled: the write that undoes it may have run already.
 */
export async function runScript(
  adapter: Pick<RedisAdapter, 'send'>,
  { name, key, values }: ScriptCall,
  cancellation: Cancellation,
): Promise<unknown> {
  const text = values.map(String);
  try {
    return await adapter.send({ name: 'EVALSHA', script: digests[name], key, values: text }, cancellation);
  } catch (error) {
    const isMissing = error instanceof Error && error.message.startsWith('NOSCRIPT');
    if (!isMissing || cancellation.isCancelled) throw error;
    return adapter.send({ name: 'EVAL', script: scripts[name], key, values: text }, cancellation);
  }
}
