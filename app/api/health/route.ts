import { connection } from 'next/server';
import { sessions } from '../../session';
import { privateResponse } from '../../session-server';

/**
 * For whoever watches over this app: 200 and how long Redis took, or 503. Not a reason to restart the app: it needs no
 * restart when Redis is back, and public pages go on meanwhile.
 */
export async function GET(): Promise<Response> {
  await connection();
  return privateResponse(async () => Response.json(await sessions.ready()));
}
