import { createServer } from 'node:http';
import { freePort } from './free-port.ts';

/** An HTML form and what stands in it: the tool of whoever can have somebody open a page. */
export interface Form {
  readonly action: string;
  readonly method?: 'get' | 'post';
  readonly enctype?: 'multipart/form-data' | 'text/plain' | 'application/x-www-form-urlencoded';
  readonly fields?: readonly (readonly [name: string, value: string])[];
}

export interface FormPage {
  /** In a frame whose origin is opaque, so that the browser sends `Origin: null`. */
  readonly sandboxed?: boolean;
  /** Sent with the page. */
  readonly headers?: Readonly<Record<string, string>>;
}

/** A site of somebody else's, under every host name that leads to the loopback address. */
export interface FormSite extends AsyncDisposable {
  readonly port: number;
  /** Puts a page there whose one button sends the form. Answers with its path. */
  put(form: Form, page?: FormPage): string;
}

export async function serveForms(): Promise<FormSite> {
  const pages = new Map<string, { readonly html: string; readonly headers: Readonly<Record<string, string>> }>();
  const server = createServer((request, response) => {
    const page = pages.get(request.url ?? '');
    response.writeHead(page ? 200 : 404, { 'content-type': 'text/html; charset=utf-8', ...page?.headers });
    response.end(page?.html);
  });
  const port = await freePort();
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  return {
    port,
    put(form, { sandboxed = false, headers = {} } = {}) {
      const path = `/${pages.size}`;
      const html = formHtml(form);
      const frame = `<iframe sandbox="allow-forms allow-top-navigation" srcdoc="${escaped(html)}"></iframe>`;
      pages.set(path, { html: sandboxed ? frame : html, headers });
      return path;
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** Sent into the whole window, out of a frame too, as a link would be followed. */
export function formHtml({ action, method = 'post', enctype = 'multipart/form-data', fields = [] }: Form): string {
  const inputs = fields.map(
    ([name, value]) => `<input type="hidden" name="${escaped(name)}" value="${escaped(value)}">`,
  );
  const attributes = `action="${escaped(action)}" method="${method}" enctype="${enctype}" target="_top"`;
  return `<!doctype html><form ${attributes}>${inputs.join('')}<button>Send</button></form>`;
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('"', '&quot;').replaceAll('<', '&lt;');
}
