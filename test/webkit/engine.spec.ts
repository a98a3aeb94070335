import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { By, expect, test } from '../_support/webkit.ts';

/** Serves two pages that link to each other and show what the browser sent. Both set a cookie with each kind of name. */
async function servePages(host: string) {
  const requests: { readonly path: string; readonly userAgent: string; readonly cookie: string }[] = [];
  const server = createServer(({ url = '', headers }, response) => {
    requests.push({ path: url, userAgent: headers['user-agent'] ?? '', cookie: headers.cookie ?? '' });
    response.setHeader('set-cookie', ['plain=1; Path=/', 'secure=1; Path=/; Secure', '__Host-ssid=1; Path=/; Secure']);
    response.setHeader('content-type', 'text/html');
    response.end(`<a href="${url === '/one' ? '/two' : '/one'}">Next</a>
      <script>addEventListener('pageshow', (event) => { document.title = event.persisted ? 'restored' : 'loaded'; });</script>`);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://${host}:${(server.address() as AddressInfo).port}`,
    count: (path: string) => requests.filter((request) => request.path === path).length,
    last: (path: string) => requests.findLast((request) => request.path === path),
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** The facts about Safari's engine that the library depends on. */
for (const host of ['localhost', '127.0.0.1', 'app.localhost']) {
  test(`WebKit drops Secure cookies on http://${host}, and its user agent is that of Safari`, async ({ webkit }) => {
    await using pages = await servePages(host);
    await webkit.get(`${pages.url}/one`);
    await webkit.findElement(By.css('a')).click();
    await expect.poll(() => pages.last('/two')?.cookie).toBe('plain=1');
    expect(pages.last('/two')?.userAgent).toMatch(
      /AppleWebKit\/605\.1\.15 \(KHTML, like Gecko\) Version\/\S+ Safari\//,
    );
  });
}

test('WebKit restores a page from the back/forward cache without a request', async ({ webkit }) => {
  await using pages = await servePages('localhost');
  await webkit.get(`${pages.url}/one`);
  await webkit.findElement(By.css('a')).click();
  await expect.poll(() => webkit.getCurrentUrl()).toBe(`${pages.url}/two`);
  await webkit.navigate().back();
  await expect.poll(() => webkit.getTitle()).toBe('restored');
  expect(await webkit.getCurrentUrl()).toBe(`${pages.url}/one`);
  expect(pages.count('/one')).toBe(1);
});
