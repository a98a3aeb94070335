import { readFileSync } from 'node:fs';
import { request } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { createAuthority } from '../_support/redis-tls.ts';

interface HttpsProxy extends AsyncDisposable {
  readonly url: string;
}

/** Serves an app over https, as a proxy that keeps the Host header does. The browser must accept its certificate. */
export async function serveHttps(port: number): Promise<HttpsProxy> {
  await using authority = await createAuthority();
  const { cert, key } = authority.valid;
  const server = createServer({ cert: readFileSync(cert), key: readFileSync(key) }, (req, res) => {
    const headers = { ...req.headers, 'x-forwarded-proto': 'https' };
    const forwarded = request({ port, host: '127.0.0.1', path: req.url, method: req.method, headers }, (response) => {
      res.writeHead(response.statusCode ?? 502, response.headers);
      response.pipe(res);
    });
    forwarded.on('error', () => res.destroy());
    req.pipe(forwarded);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `https://localhost:${(server.address() as AddressInfo).port}`,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
