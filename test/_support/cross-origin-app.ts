import { readFile, writeFile } from 'node:fs/promises';
import { type RequestListener, request } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { build } from 'rolldown';
import { type DocsPage, writeDocsPage } from './docs-page.ts';
import { type OwnedProcess, startProcess } from './owned-process.ts';
import { createAuthority } from './redis-tls.ts';

/** The API and the single-page app of docs/cross-origin.md, under the names on the page. */
export interface CrossOriginApp extends AsyncDisposable {
  /** What makes Chromium find the names on this machine. The certificate is not valid for them. */
  readonly resolverRules: string;
  /** What the API printed. */
  output(): string;
}

export interface CrossOriginOptions {
  /** Replaces text in the code of the page, such as the name of an import. */
  readonly replaced?: Readonly<Record<string, string>>;
  readonly env: Readonly<Record<string, string>>;
}

const apiHost = 'api.shop.example';
const html = '<!doctype html><html lang="en"><title>Shop</title><div id="root"></div><script src="/main.js"></script>';
/** What the page does not show: the file that starts the API, and other transports. */
const added = {
  'entry.ts': `
  import { server } from './api/server';
  server.on('listening', () => console.log('listening on ' + server.address().port + '.'));
  `,
  'api/cookie-or-token.ts': `
  import { first } from 'trpc-session';
  import { cookie } from 'trpc-session/transports/cookie';
  import { bearer } from 'trpc-session/transports/header';
  export const transport = first(cookie(), bearer());
  `,
  'api/unpartitioned.ts': `
  import { cookie } from 'trpc-session/transports/cookie';
  export const transport = cookie({ sameSite: 'none' });
  `,
};

/** Builds and serves the code. Every name except the API's gets the single-page app. */
export async function serveCrossOriginApp(options: CrossOriginOptions): Promise<CrossOriginApp> {
  const packages = ['@trpc', '@types', 'cors', 'ioredis', 'react', 'react-dom', 'zod'];
  const page = await writeDocsPage('docs/cross-origin.md', { packages, added });
  await replaceTexts(page, options.replaced ?? {});
  const [script] = await Promise.all([bundle(page, 'app/main.tsx', 'browser'), bundle(page, 'entry.ts', 'node')]);
  const api = await startApi(page, options.env);
  const apiPort = Number(/listening on (\d+)\./.exec(api.output())?.[1]);
  const authority = await createAuthority();
  const [cert, key] = await Promise.all([readFile(authority.valid.cert), readFile(authority.valid.key)]);
  const front = createServer({ cert, key }, respond(apiPort, script));
  await new Promise<void>((resolve) => front.listen(0, '127.0.0.1', resolve));
  const { port } = front.address() as AddressInfo;
  return {
    resolverRules: `MAP *.example:443 127.0.0.1:${port}`,
    output: api.output,
    async [Symbol.asyncDispose]() {
      front.closeAllConnections();
      await new Promise((resolve) => front.close(resolve));
      await api.kill('SIGKILL');
      await authority[Symbol.asyncDispose]();
      await page[Symbol.asyncDispose]();
    },
  };
}

async function replaceTexts({ folder }: DocsPage, replaced: Readonly<Record<string, string>>): Promise<void> {
  for (const path of ['api/session.ts', 'api/server.ts']) {
    let code = await readFile(join(folder, path), 'utf8');
    for (const [text, other] of Object.entries(replaced)) code = code.replace(text, other);
    await writeFile(join(folder, path), code);
  }
}

async function bundle({ folder }: DocsPage, input: string, platform: 'browser' | 'node'): Promise<string> {
  const { output } = await build({
    input: join(folder, input),
    cwd: folder,
    platform,
    write: false,
    logLevel: 'silent',
    transform: { define: { 'process.env.NODE_ENV': platform === 'browser' ? '"production"' : 'process.env.NODE_ENV' } },
    output: { format: platform === 'browser' ? 'iife' : 'esm', codeSplitting: false },
  });
  if (platform === 'node') await writeFile(join(folder, 'entry.mjs'), output[0].code);
  return output[0].code;
}

async function startApi({ folder }: DocsPage, env: CrossOriginOptions['env']): Promise<OwnedProcess> {
  const api = await startProcess(process.execPath, ['entry.mjs'], {
    cwd: folder,
    env: { NODE_ENV: 'production', PORT: '0', ...env },
  });
  await api.waitForOutput('listening on', 20_000);
  return api;
}

/** Passes requests for the API on, as a proxy that ends TLS does, and serves the app under every other name. */
function respond(apiPort: number, script: string): RequestListener {
  return (req, res) => {
    if (req.headers.host !== apiHost) {
      res.setHeader('content-type', req.url === '/main.js' ? 'text/javascript' : 'text/html; charset=utf-8');
      res.end(req.url === '/main.js' ? script : html);
      return;
    }
    const { url: path, method, headers } = req;
    const forwarded = request({ port: apiPort, host: '127.0.0.1', path, method, headers }, (response) => {
      res.writeHead(response.statusCode ?? 502, response.headers);
      response.pipe(res);
    });
    forwarded.on('error', () => res.destroy());
    req.pipe(forwarded);
  };
}
