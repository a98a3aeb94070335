import {
  createTRPCClient,
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

/** One visitor's browser: keeps cookies, says where its requests come from, and remembers the responses. */
export class Visitor {
  readonly jar = new CookieJar();
  readonly responses: Response[] = [];
  /** Sent with every request, over what a browser on the app's own page sends. */
  headers: Readonly<Record<string, string>> = {};

  readonly fetch = async (url: string | URL | Request, init: RequestInit = {}): Promise<Response> => {
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
    if (!last) throw new Error('Nothing was asked yet');
    return last;
  }

  /** The session cookies that the last response set or cleared. */
  get setCookies(): readonly string[] {
    return this.last.headers.getSetCookie().filter((line) => line.startsWith('ssid='));
  }

  /** The session cookie that it holds. */
  get cookie(): string | undefined {
    return this.jar.value('ssid');
  }

  /** Another browser with a copy of this one's cookies. */
  copy(): Visitor {
    const copy = new Visitor();
    if (this.cookie !== undefined) copy.jar.set('ssid', this.cookie);
    return copy;
  }

  client(server: Server, link: LinkName = 'httpBatchLink'): TRPCClient<TestRouter> {
    return createTRPCClient<TestRouter>({ links: [links[link](server.url, this.fetch)] });
  }
}

type MakeLink = (url: string, fetch: Visitor['fetch']) => TRPCLink<TestRouter>;

/** The links under test. */
export const links = {
  httpLink: (url, fetch) => httpLink({ url, fetch: fetch as never, transformer: superjson }),
  httpBatchLink: (url, fetch) => httpBatchLink({ url, fetch: fetch as never, transformer: superjson }),
  httpBatchStreamLink: (url, fetch) => httpBatchStreamLink({ url, fetch: fetch as never, transformer: superjson }),
  sessionLink: (url, fetch) => sessionLink<TestRouter>({ url, fetch: fetch as never, transformer: superjson }),
} satisfies Record<string, MakeLink>;

export type LinkName = keyof typeof links;
export const linkNames = Object.keys(links) as LinkName[];
