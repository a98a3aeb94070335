import { createServer } from 'node:http';

/** Serves what `handle` resolves to as JSON on node:http. */
export function createJsonServer(handle) {
  const respond = async (req, res) => {
    const body = await handle(req, res);
    res.setHeader('content-type', 'application/json');
    res.end(JSON.stringify(body));
  };
  return createServer((req, res) => {
    respond(req, res).catch((error) => {
      res.statusCode = error.status ?? 500;
      res.end(String(error));
    });
  });
}
