import { isSessionError } from 'trpc-session';

/**
 * Start-up checks. They end the process, because `next start` would outlive a mere throw and answer every request with
 * an error.
 */
export async function checkEnvironment(): Promise<void> {
  const problem = production() ? missingVariable() : null;
  if (problem) refuseToStart(problem);
  try {
    // Imported here: a secret that is present but too short is refused as soon as the module is evaluated.
    const { sessions, store } = await import('../session');
    if (store.name === 'memory') console.warn(memoryNotice);
    await sessions.ready();
  } catch (error) {
    if (!isSessionError(error)) throw error;
    if (error.code !== 'UNAVAILABLE') refuseToStart(error.message);
    console.warn(`Redis cannot be used yet: ${rootOf(error)}. Pages are served; nobody can sign in until it can.`);
  }
}

/** What is behind an error: that Redis refused the connection, or which command it does not permit. */
function rootOf(error: Error): string {
  return error.cause instanceof Error ? rootOf(error.cause) : error.message;
}

const memoryNotice =
  'Sessions are kept in the memory of this process and end with it. Set REDIS_URL to keep them in Redis.';

function missingVariable(): string | null {
  const { SESSION_SECRET, REDIS_URL, SESSION_STORE } = process.env;
  if (!SESSION_SECRET) {
    return 'SESSION_SECRET is not set. Give it 32 or more random characters, for instance from `openssl rand -base64 33`.';
  }
  if (!REDIS_URL && SESSION_STORE !== 'memory') {
    return 'REDIS_URL is not set. Point it at Redis, or set SESSION_STORE=memory to let sessions end with this process.';
  }
  return null;
}

function production(): boolean {
  return process.env.NODE_ENV === 'production';
}

function refuseToStart(problem: string): never {
  console.error(`\nNot started: ${problem}\n`);
  process.exit(1);
}
