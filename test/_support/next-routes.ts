import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { createRequire } from 'node:module';
import type { AppRouteRouteModule, AppRouteUserlandModule } from 'next/dist/server/route-modules/app-route/module.js';
import type { NextRequest } from 'next/server.js';

export type NextRoutes = Readonly<Record<string, AppRouteUserlandModule>>;

/**
 * Serves route handlers of the App Router by path, without a build. Each runs in the class that Next itself uses, so
 * `cookies()` and `headers()` are the real ones. It does not serve pages or server actions. Modules of Next must not be
 * loaded before the call, except by `load`.
 */
export async function createRouteListener(load: () => Promise<NextRoutes>): Promise<RequestListener> {
  // This module defines globals that the other modules of Next need while they load.
  createRequire(import.meta.url)('next/dist/server/node-environment-baseline.js');
  const { AppRouteRouteModule } = await import('next/dist/server/route-modules/app-route/module.js');
  const modules = new Map<string, AppRouteRouteModule>();
  for (const [path, userland] of Object.entries(await load())) {
    modules.set(path, new AppRouteRouteModule(createModuleOptions(path, userland)));
  }
  return (req, res) => {
    const route = modules.get(req.url ?? '');
    if (!route) res.writeHead(404).end();
    else void handle(route, req, res).catch((error: unknown) => res.writeHead(500).end(String(error)));
  };
}

function createModuleOptions(
  pathname: string,
  userland: AppRouteUserlandModule,
): ConstructorParameters<typeof AppRouteRouteModule>[0] {
  const page = `${pathname}/route`;
  return {
    userland: () => userland,
    definition: { kind: 'APP_ROUTE', page, pathname, filename: 'route', bundlePath: `app${page}` } as never,
    distDir: '.next',
    relativeProjectDir: '',
    resolvedPagePath: page,
    nextConfigOutput: undefined,
  };
}

/** What a build would supply. These routes do not need it. */
const context = {
  params: {},
  renderOpts: { cacheComponents: true, cacheLifeProfiles: {}, experimental: {}, onClose: () => {} },
  previewProps: { previewModeId: '' },
  sharedContext: { buildId: 'test', deploymentId: '' },
};

async function handle(route: AppRouteRouteModule, req: IncomingMessage, res: ServerResponse): Promise<void> {
  await route.ensureUserland();
  const { status, headers, body } = await route.handle(await toNextRequest(req), { ...context } as never);
  res.statusCode = status;
  res.setHeaders(new Headers([...headers].filter(([name]) => name !== 'set-cookie')));
  if (headers.has('set-cookie')) res.setHeader('set-cookie', headers.getSetCookie());
  res.end(body && Buffer.from(await new Response(body).arrayBuffer()));
}

async function toNextRequest(req: IncomingMessage): Promise<NextRequest> {
  const { NextRequest } = await import('next/server.js');
  const method = req.method ?? 'GET';
  const body = Buffer.concat(await req.toArray());
  const headers = Object.entries(req.headers).map(([name, value]): [string, string] => [name, String(value)]);
  return new NextRequest(`http://${req.headers.host}${req.url}`, {
    method,
    headers,
    ...(body.length > 0 && { body }),
  });
}
