import { createServer } from 'node:http';
import { text } from 'node:stream/consumers';

/** Serves a fetch handler on node:http with as little as possible between them. */
export function createFetchServer(fetch) {
  return createServer(async (req, res) => {
    const body = req.method === 'POST' ? await text(req) : undefined;
    const { url, method, headers } = req;
    const response = await fetch(new Request(`http://localhost${url}`, { method, headers, body }));
    res.statusCode = response.status;
    for (const [name, value] of response.headers) res.appendHeader(name, value);
    res.end(await response.text());
  });
}
