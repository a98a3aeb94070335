import { createServer } from 'node:http';
import type { Page, Response } from '@playwright/test';
import { findFreePort } from './free-port.ts';

/** An HTML form: all that another site needs to make a user's browser send a request. */
export interface Form {
  readonly action: string;
  readonly method?: 'get' | 'post';
  /** @default 'multipart/form-data' */
  readonly enctype?: 'multipart/form-data' | 'text/plain' | 'application/x-www-form-urlencoded';
  readonly fields?: readonly (readonly [name: string, value: string])[];
}

/** Where a form is, seen from the app, and what the browser says about it in `Sec-Fetch-Site`. */
export interface Place {
  readonly name: string;
  readonly host: string;
  readonly site: 'cross-site' | 'same-site';
  /** The form is in a sandboxed frame, which has no origin. */
  readonly sandboxed?: boolean;
  /** The page sends no referrer, and therefore no origin. */
  readonly silent?: boolean;
}

/**
 * Names under `localhost` resolve to the loopback address without DNS and keep Secure cookies over http. Browsers treat
 * them as sites and subdomains like any other names.
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

/** A server of pages with one form each, reachable under all of these names. */
export interface FormSite extends AsyncDisposable {
  /** Returns the origin of its pages in a place. */
  originAt(place: Place): string;
  /** Opens a page with the form and submits it. Resolves to the response of the app. */
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
    originAt: ({ host }) => `http://${host}:${port}`,
    async send(page, form, { host, site, sandboxed = false, silent = false }) {
      const path = `/${pages.size}`;
      pages.set(path, { html: sandboxed ? renderFrame(renderForm(form)) : renderForm(form), silent });
      const response = await openAndPress(page, `http://${host}:${port}${path}`, form);
      const sent = await response.request().allHeaders();
      const isAnonymous = sandboxed || silent;
      const origin = form.method === 'get' ? undefined : isAnonymous ? 'null' : `http://${host}:${port}`;
      const actual = { site: sent['sec-fetch-site'], origin: sent.origin };
      if (actual.site !== site || actual.origin !== origin) {
        throw new Error(`The browser sent ${JSON.stringify(actual)} instead of ${JSON.stringify({ site, origin })}.`);
      }
      return response;
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** Submits a form from a page of the app itself. */
export async function sendFromApp(page: Page, form: Form): Promise<Response> {
  const url = new URL('/form', form.action).href;
  await page.route(url, (route) => route.fulfill({ contentType: 'text/html', body: renderForm(form) }));
  try {
    return await openAndPress(page, url, form);
  } finally {
    await page.unroute(url);
  }
}

async function openAndPress(page: Page, url: string, { action }: Form): Promise<Response> {
  await page.goto(url);
  const isSubmission = (response: Response) => response.url().split('?')[0] === action;
  const submitted = page.waitForResponse(
    (response) => isSubmission(response) && response.request().isNavigationRequest(),
  );
  const [form] = (await Promise.all(page.frames().map((frame) => frame.$('button')))).filter(
    (button) => button !== null,
  );
  if (!form) throw new Error('There is no form on the page.');
  await form.click();
  const response = await submitted;
  await response.finished();
  return response;
}

/** The target makes the response replace the whole window, even if the form is in a frame. */
function renderForm({ action, method = 'post', enctype = 'multipart/form-data', fields = [] }: Form): string {
  const hidden = fields.map(
    ([name, value]) => `<input type="hidden" name="${escapeHtml(name)}" value="${escapeHtml(value)}">`,
  );
  const attributes = `action="${escapeHtml(action)}" method="${method}" enctype="${enctype}" target="_top"`;
  return `<!doctype html><form ${attributes}>${hidden.join('')}<button>Send</button></form>`;
}

function renderFrame(html: string): string {
  return `<!doctype html><iframe sandbox="allow-forms allow-top-navigation" srcdoc="${escapeHtml(html)}"></iframe>`;
}

function escapeHtml(value: string): string {
  return value.replaceAll('&', '&amp;').replaceAll('"', '&quot;').replaceAll('<', '&lt;');
}
