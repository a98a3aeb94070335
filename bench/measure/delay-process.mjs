/** A proxy that delays each packet: `node delay-process.mjs <port> <ms>`. It sends its own port to its parent. */
import { fileURLToPath } from 'node:url';
import { runnerImport } from 'vite';

const [port, ms] = process.argv.slice(2).map(Number);
const file = fileURLToPath(new URL('../../test/_support/tcp-proxy.ts', import.meta.url));
const { startTcpProxy } = (await runnerImport(file)).module;
const proxy = await startTcpProxy(port);
proxy.delay(ms);
process.on('disconnect', () => process.exit());
process.send({ port: proxy.port });
