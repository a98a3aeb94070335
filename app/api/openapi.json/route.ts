import { connection } from 'next/server';
import { createOpenApiSession } from 'trpc-session/openapi';
import { appRouter } from '../../server/router';
import { sessions } from '../../session';

const { createOpenApiDocument } = createOpenApiSession(sessions);

/** What the router can do, for people and for generators of clients. The same for everybody. */
export async function GET(): Promise<Response> {
  // Past this line nothing is prerendered, so the cookie's name is this process's and not the build's.
  await connection();
  return Response.json(
    createOpenApiDocument(appRouter, { title: 'The trpc-session demo', version: '1.0.0', url: '/api/trpc' }),
  );
}
