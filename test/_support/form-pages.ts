import { createServer } from 'node:http';
import type { Page, Response } from '@playwright/test';
import { findFreePort } from './free-port.ts';

/** An HTML form and what stands in it: all that it takes to have somebody's browser send something. */
export interface Form {
  readonly action: string;
  readonly method?: 'get' | 'post';
  /** Default: multipart/form-data. */
  readonly enctype?: 'multipart/form-data' | 'text/plain' | 'application/x-www-form-urlencoded';
  readonly fields?: readonly (readonly [name: string, value: string])[];
}

/** Where a form may stand, seen from the app, and what the browser then says of it. */
export interface Place {
  readonly name: string;
  readonly host: string;
  readonly site: 'cross-site' | 'same-site';
  /** In a frame that belongs to no origin. */
  readonly sandboxed?: boolean;
  /** A page that sends no referrer, and no origin either. */
  readonly silent?: boolean;
}

/**
 * Names below `localhost` lead to the loopback address without any DNS, keep Secure cookies over http, and are sites and
 * siblings as names elsewhere are.
 */
export const appHost = 'app.shop.localhost';

export const otherSite: Place = { name: 'another origin', host: 'elsewhere.localhost', site: 'cross-site' };
export const sibling: Place = { name: 'a sibling subdomain', host: 'blog.shop.localhost', site: 'same-site' };
export const places: readonly Place[] = [
  otherSite,
  sibling,
  { name: 'another port of the same host', host: appHost, site: 'same-site', silent: true },
  { name: 'another origin, in a sandboxed frame', host: 'elsewhere.localhost', site: 'cross-site', sandboxed: true },
];

/** A server of pages with a form each, under every one of those names. */
export interface FormSite extends AsyncDisposable {
  /** Opens a page there and presses its button. Answers with what the app said to the form. */
  send(page: Page, form: Form, from: Place): Promise<Response>;
}

export async function serveForms(): Promise<FormSite> {
  const pages = new Map<string, { readonly html: string; readonly silent: boolean }>();
  const server = createServer(({ url = '' }, response) => {
    const { html = '', silent = false } = pages.get(url) ?? {};
    response.setHeader('content-type', 'text/html; charset=utf-8');
    if (silent) response.setHeader('referrer-policy', 'no-referrer');
    response.end(html);
  });
  const port = await findFreePort();
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  return {
    async send(page, form, { host, site, sandboxed = false, silent = false }) {
      const path = `/${pages.size}`;
      pages.set(path, { html: sandboxed ? framed(formHtml(form)) : formHtml(form), silent });
      const response = await openAndPress(page, `http://${host}:${port}${path}`, form);
      const sent = await response.request().allHeaders();
      const isAnonymous = sandboxed || silent;
      const origin = form.method === 'get' ? undefined : isAnonymous ? 'null' : `http://${host}:${port}`;
      const said = { site: sent['sec-fetch-site'], origin: sent.origin };
      if (said.site !== site || said.origin !== origin) throw new Error(`The browser said ${JSON.stringify(said)}.`);
      return response;
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** The same from a page of the app itself. */
export async function sendFromApp(page: Page, form: Form): Promise<Response> {
  const url = new URL('/form', form.action).href;
  await page.route(url, (route) => route.fulfill({ contentType: 'text/html', body: formHtml(form) }));
  try {
    return await openAndPress(page, url, form);
  } finally {
    await page.unroute(url);
  }
}

async function openAndPress(page: Page, url: string, { action }: Form): Promise<Response> {
  await page.goto(url);
  const isAnswer = (response: Response) => response.url().split('?')[0] === action;
  const answer = page.waitForResponse((response) => isAnswer(response) && response.request().isNavigationRequest());
  const [form] = (await Promise.all(page.frames().map((frame) => frame.$('button')))).filter(
    (button) => button !== null,
  );
  if (!form) throw new Error('There is no form on the page.');
  await form.click();
  const response = await answer;
  await response.finished();
  return response;
}

/** The answer takes the whole window, out of a frame too, as a link does. */
function formHtml({ action, method = 'post', enctype = 'multipart/form-data', fields = [] }: Form): string {
  const hidden = fields.map(([name, value]) => `<input type="hidden" name="${text(name)}" value="${text(value)}">`);
  const attributes = `action="${text(action)}" method="${method}" enctype="${enctype}" target="_top"`;
  return `<!doctype html><form ${attributes}>${hidden.join('')}<button>Send</button></form>`;
}

function framed(html: string): string {
  return `<!doctype html><iframe sandbox="allow-forms allow-top-navigation" srcdoc="${text(html)}"></iframe>`;
}

function text(value: string): string {
  return value.replaceAll('&', '&amp;').replaceAll('"', '&quot;').replaceAll('<', '&lt;');
}
