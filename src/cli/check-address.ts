import type { Finding } from './finding.ts';

/** Checks what a browser gets at the address of the running app. */
export async function checkAddress(address: string): Promise<readonly Finding[]> {
  if (!/^https?:\/\//.test(address) || !URL.canParse(address)) {
    return [
      { level: 'error', text: `--url ${address} is not an address.`, remedy: 'Write it as https://app.example.' },
    ];
  }
  const url = new URL(address);
  const scheme = checkScheme(url);
  try {
    const response = await fetch(url, { redirect: 'manual', signal: AbortSignal.timeout(5_000) });
    await response.body?.cancel();
    return [
      ...scheme,
      { level: 'ok', text: `${url.origin} responds with ${response.status}` },
      ...checkTarget(url, response),
    ];
  } catch (error) {
    const { message, cause } = error as Error;
    const reason = cause instanceof Error ? cause.message || cause.name : message;
    return [...scheme, { level: 'error', text: `${url.origin} does not respond: ${reason}` }];
  }
}

function checkScheme({ protocol, hostname, origin }: URL): readonly Finding[] {
  if (protocol === 'https:') return [{ level: 'ok', text: `${origin} uses https` }];
  const isLocal = /^(?:(?:.+\.)?localhost|127(?:\.\d+){3}|\[::1\])$/.test(hostname);
  if (isLocal)
    return [{ level: 'ok', text: `${origin} is this machine: all browsers except Safari keep Secure cookies` }];
  const remedy = 'Serve it over https. If a proxy ends TLS, see docs/proxies.md.';
  return [{ level: 'error', text: `${origin} uses plain http, where browsers drop Secure cookies.`, remedy }];
}

function checkTarget(url: URL, response: Response): readonly Finding[] {
  const location = response.headers.get('location');
  const target = location !== null && URL.canParse(location, url) ? new URL(location, url) : url;
  if (target.host === url.host) return [];
  const text = `${url.origin} redirects to ${target.origin}.`;
  return [
    { level: 'warning', text, remedy: 'Cookies of one host do not count at the other. Use one address for the app.' },
  ];
}
