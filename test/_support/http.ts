/** The cookies that a browser holds for one host. Implements as much of RFC 6265 as a sign-in needs. */
export class CookieJar {
  readonly #cookies = new Map<string, string>();

  get header(): string {
    return [...this.#cookies].map(([name, value]) => `${name}=${value}`).join('; ');
  }

  keep(headers: Headers): void {
    for (const line of headers.getSetCookie()) {
      const [pair = '', ...attributes] = line.split(';').map((part) => part.trim());
      const at = pair.indexOf('=');
      const isDeleted = attributes.some((attribute) => /^max-age=0$/i.test(attribute));
      if (isDeleted) this.#cookies.delete(pair.slice(0, at));
      else this.#cookies.set(pair.slice(0, at), pair.slice(at + 1));
    }
  }

  value(name: string): string | undefined {
    return this.#cookies.get(name);
  }

  set(name: string, value: string): void {
    this.#cookies.set(name, value);
  }
}

/** Creates a `fetch` like a browser's on the app's own pages: it sends and stores cookies, and sends `Sec-Fetch-Site`. */
export function createBrowserFetch(jar: CookieJar, origin: string) {
  return async (path: string, init: RequestInit = {}): Promise<Response> => {
    const headers = new Headers(init.headers);
    headers.set('cookie', jar.header);
    if (!headers.has('sec-fetch-site')) headers.set('sec-fetch-site', 'same-origin');
    const response = await fetch(new URL(path, origin), { redirect: 'manual', ...init, headers });
    jar.keep(response.headers);
    return response;
  };
}

/**
 * Returns the path that Next's router requests with these headers. In newer versions it contains a digest of the headers,
 * and a request without the digest is redirected to it, with an empty body.
 */
export async function findRouterPath(
  visit: ReturnType<typeof createBrowserFetch>,
  path: string,
  headers: Readonly<Record<string, string>>,
): Promise<string> {
  const response = await visit(path, { headers });
  return response.headers.get('location') ?? path;
}
