import { connection } from 'next/server';
import { createOpenApiSession } from 'trpc-session/openapi';
import { basePath } from '../../base-path';
import { appRouter } from '../../server/router';
import { sessions } from '../../session';

const { createOpenApiDocument } = createOpenApiSession(sessions);

/** The OpenAPI document of the router, for the page /docs and for client generators. It is the same for all users. */
export async function GET(): Promise<Response> {
  // Waits for a request. Otherwise the document is prerendered with the cookie name of the build machine.
  await connection();
  return Response.json(
    createOpenApiDocument(appRouter, {
      title: 'The trpc-session demo',
      version: '1.0.0',
      url: `${basePath}/api/trpc`,
    }),
  );
}
