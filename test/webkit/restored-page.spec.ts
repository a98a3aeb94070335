import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { build } from 'rolldown';
import type { WebDriver } from 'selenium-webdriver';
import { By, expect, test } from '../_support/webkit.ts';

async function bundlePage(): Promise<string> {
  const { output } = await build({
    input: fileURLToPath(new URL('private-page.tsx', import.meta.url)),
    platform: 'browser',
    transform: { define: { 'process.env.NODE_ENV': '"production"' } },
    output: { format: 'iife' },
    write: false,
    logLevel: 'silent',
  });
  return output[0].code;
}

/** Serves a private page, and a public one. The test says who is signed in. */
async function servePrivatePage() {
  const script = await bundlePage();
  const state = { id: 'a', name: 'Ada', isRevoked: false, loads: 0 };
  const server = createServer(({ url }, response) => {
    if (url === '/main.js') return void response.setHeader('content-type', 'text/javascript').end(script);
    if (url === '/session') return void response.setHeader('content-type', 'application/json').end(toView());
    response.setHeader('content-type', 'text/html').setHeader('cache-control', 'private, no-store');
    if (url === '/public') return void response.end('<title>public</title><h1>Public</h1>');
    if (url !== '/private') return void response.end();
    state.loads += 1;
    const name = state.isRevoked ? 'no user' : state.name;
    response.end(
      `<title>private</title><i id="rendered" hidden>${name}</i><div id="root"></div><script src="/main.js"></script>`,
    );
  });
  const toView = () => {
    const at = Date.now();
    if (state.isRevoked) return JSON.stringify({ status: 'unauthenticated', at });
    const { id, name } = state;
    const [idleExpiresAt, expiresAt] = [at + 600_000, at + 3_600_000];
    return JSON.stringify({ status: 'authenticated', data: { name }, id, revision: 1, at, idleExpiresAt, expiresAt });
  };
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    state,
    url: `http://localhost:${(server.address() as AddressInfo).port}`,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

const readShown = (webkit: WebDriver): Promise<string> =>
  webkit.executeScript(
    'return document.body.style.opacity === "0" ? "hidden" : document.getElementById("root")?.innerText ?? ""',
  );

async function visitAndLeave(webkit: WebDriver, url: string): Promise<void> {
  await webkit.get(`${url}/private`);
  await expect.poll(() => readShown(webkit)).toMatch(/Ada\s+Ada/);
  await webkit.executeScript('location.href = "/public"');
  await expect.poll(() => webkit.getTitle()).toBe('public');
}

test('WebKit shows a restored page again, without loading it, if its user is still signed in', async ({ webkit }) => {
  await using site = await servePrivatePage();
  await visitAndLeave(webkit, site.url);
  await webkit.navigate().back();
  await expect.poll(() => readShown(webkit)).toMatch(/Ada\s+Ada/);
  expect(site.state.loads).toBe(1);
});

for (const change of ['the user has signed out', 'another user has signed in'] as const) {
  test(`WebKit never shows a restored page of a former user: ${change}`, async ({ webkit }) => {
    await using site = await servePrivatePage();
    await visitAndLeave(webkit, site.url);
    if (change === 'the user has signed out') site.state.isRevoked = true;
    else Object.assign(site.state, { id: 'b', name: 'Grace' });
    await webkit.navigate().back();
    const expected = site.state.isRevoked ? /no user\s+unauthenticated/ : /Grace\s+Grace/;
    await expect.poll(() => readShown(webkit)).toMatch(expected);
    expect(site.state.loads).toBeGreaterThanOrEqual(2);
    expect(await webkit.findElement(By.css('body')).getText()).not.toContain('Ada');
  });
}
