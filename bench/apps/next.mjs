import { createServer } from 'node:http';
import { fileURLToPath } from 'node:url';
import next from 'next';

const folder = fileURLToPath(new URL('../next-app', import.meta.url));

/** The production server of Next with the app in `bench/next-app`. */
export async function createApp({ redisUrl }) {
  process.env.REDIS_URL = redisUrl;
  const app = next({ dev: false, dir: folder });
  await app.prepare();
  return { server: createServer(app.getRequestHandler()) };
}
