import { connection } from 'next/server';
import { sessions } from '../../session';
import { privateResponse } from '../../session-server';

/**
 * The health check: 200 with the latency of the store, or 503. Use it for monitoring. Do not restart the app when it
 * fails: public pages still work, and the app reconnects to Redis by itself.
 */
export async function GET(): Promise<Response> {
  await connection();
  return privateResponse(async () => Response.json(await sessions.ready()));
}
