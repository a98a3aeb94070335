import {
  createTRPCClient,
  type HTTPLinkOptions,
  httpBatchLink,
  httpBatchStreamLink,
  httpLink,
  type TRPCClient,
  type TRPCLink,
} from '@trpc/client';
import superjson from 'superjson';
import { sessionLink } from 'trpc-session/client';
import { CookieJar } from '../../_support/http.ts';
import type { TestRouter } from './app.ts';
import type { Server } from './servers.ts';

type LinkFetch = NonNullable<HTTPLinkOptions<TestRouter['_def']['_config']['$types']>['fetch']>;

/** The browser of one visitor: keeps cookies, sends browser headers, and records the responses. */
export class Visitor {
  readonly jar = new CookieJar();
  readonly responses: Response[] = [];
  /** Headers of every request. They replace those that a browser sends from the app's own page. */
  headers: Readonly<Record<string, string>> = {};

  readonly fetch = async (url: string | URL | Request, options: Parameters<LinkFetch>[1] = {}): Promise<Response> => {
    // tRPC's type allows a signal of undefined. At run time it is the same as no signal.
    const init = options as RequestInit;
    const headers = new Headers({ 'sec-fetch-site': 'same-origin', 'user-agent': 'Firefox' });
    for (const [name, value] of [...new Headers(init.headers), ...Object.entries(this.headers)])
      headers.set(name, value);
    if (this.jar.header) headers.set('cookie', this.jar.header);
    const response = await fetch(url, { ...init, headers });
    this.jar.keep(response.headers);
    this.responses.push(response);
    return response;
  };

  get last(): Response {
    const last = this.responses.at(-1);
    if (!last) throw new Error('No request was sent yet');
    return last;
  }

  /** The Set-Cookie lines of the last response that set or cleared the session cookie. */
  get setCookies(): readonly string[] {
    return this.last.headers.getSetCookie().filter((line) => line.startsWith('ssid='));
  }

  /** The value of the session cookie. */
  get cookie(): string | undefined {
    return this.jar.value('ssid');
  }

  /** Creates another browser with a copy of the session cookie. */
  copy(): Visitor {
    const copy = new Visitor();
    if (this.cookie !== undefined) copy.jar.set('ssid', this.cookie);
    return copy;
  }

  client(server: Server, link: LinkName = 'httpBatchLink'): TRPCClient<TestRouter> {
    return createTRPCClient<TestRouter>({ links: [links[link](server.url, this.fetch)] });
  }
}

type CreateLink = (url: string, fetch: Visitor['fetch']) => TRPCLink<TestRouter>;

/** The links under test. */
const links = {
  httpLink: (url, fetch) => httpLink({ url, fetch, transformer: superjson }),
  httpBatchLink: (url, fetch) => httpBatchLink({ url, fetch, transformer: superjson }),
  httpBatchStreamLink: (url, fetch) => httpBatchStreamLink({ url, fetch, transformer: superjson }),
  sessionLink: (url, fetch) => sessionLink<TestRouter>({ url, fetch, transformer: superjson }),
} satisfies Record<string, CreateLink>;

export type LinkName = keyof typeof links;
export const linkNames = Object.keys(links) as LinkName[];
