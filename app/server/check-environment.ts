import { isSessionError } from 'trpc-session';

/**
 * Checks the configuration at start-up, and exits the process if it is wrong. Throwing is not enough: `next start` would
 * keep running and respond to every request with an error.
 */
export async function checkEnvironment(): Promise<void> {
  const problem = isProduction() ? findMissingVariable() : null;
  if (problem) exitWithMessage(problem);
  try {
    // Imported here, because the module throws if the secret is too short.
    const { sessions, store } = await import('../session');
    if (store.name === 'memory') console.warn(memoryNotice);
    await sessions.ready();
  } catch (error) {
    if (!isSessionError(error)) throw error;
    if (error.code !== 'UNAVAILABLE') exitWithMessage(error.message);
    console.warn(`Redis is not available yet: ${getRootMessage(error)}. Until it is, users cannot sign in.`);
  }
}

/** Returns the message of the first cause, e.g. that Redis refused the connection or forbids a command. */
function getRootMessage(error: Error): string {
  return error.cause instanceof Error ? getRootMessage(error.cause) : error.message;
}

const memoryNotice =
  'Sessions are stored in the memory of this process and are lost when it stops. Set REDIS_URL to store them in Redis.';

function findMissingVariable(): string | null {
  const { SESSION_SECRET, REDIS_URL, SESSION_STORE } = process.env;
  if (!SESSION_SECRET) {
    return 'SESSION_SECRET is not set. Set it to 32 or more random characters, e.g. the output of `openssl rand -base64 33`.';
  }
  if (!REDIS_URL && SESSION_STORE !== 'memory') {
    return 'REDIS_URL is not set. Set it to the URL of your Redis. To lose sessions at every restart instead, set SESSION_STORE=memory.';
  }
  return null;
}

function isProduction(): boolean {
  return process.env.NODE_ENV === 'production';
}

function exitWithMessage(problem: string): never {
  console.error(`\nThe app did not start. ${problem}\n`);
  process.exit(1);
}
