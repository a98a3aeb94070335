import { SessionError } from '../core/errors.ts';
import { getCookieKey } from '../core/ports/sink.ts';

/**
 * What tells cookies apart in a browser. Cookies of one app in different places are twins: the browser sends all of them,
 * and the Cookie header does not say for which domain and path each was set.
 *
 * @see RFC 6265 §5.3, step 11; CHIPS, "partition key"
 */
export interface CookiePlace {
  readonly name: string;
  /** Lower case. Absent: the host that set the cookie, and no other. */
  readonly domain?: string;
  readonly path: string;
  readonly partitioned: boolean;
}

export function createPlace({
  domain,
  ...rest
}: Omit<CookiePlace, 'domain'> & { readonly domain: string | undefined }): CookiePlace {
  return domain === undefined ? rest : { ...rest, domain };
}

/** A token, and the place of its cookie. A seal holds both, except the name. */
export interface SealedToken {
  readonly token: string;
  readonly place: CookiePlace;
}

/** The places that an app sets its cookie in, and may expire cookies in. */
export interface CookiePlaces {
  readonly own: CookiePlace;
  readonly formerDomains: readonly string[];
}

/** The seals of one request. */
export interface OpenedSeals {
  /** How many name a password of this app. */
  readonly count: number;
  readonly valid: readonly SealedToken[];
  /** The names under which the request carries seals of other apps. */
  readonly foreignNames: readonly string[];
}

/** Opening is expensive, so a request cannot make the server open more seals than this. */
export const maxSeals = 4;

/** The text in a seal. Most cookies are in the default place, and their seals hold the token alone. */
export function formatSealedToken({ token, place: { domain = '', path, partitioned } }: SealedToken): string {
  const place = `${partitioned ? '^' : ''}${domain}${path}`;
  return place === '/' ? token : `${token}@${place}`;
}

export function parseSealedToken(text: string, name: string): SealedToken | null {
  const [, token, partition, domain, path = '/'] = /^([\w-]+)(?:@(\^?)([^/]*)(\/.*))?$/.exec(text) ?? [];
  return token
    ? { token, place: createPlace({ name, domain: domain || undefined, path, partitioned: partition === '^' }) }
    : null;
}

/**
 * Lists where a twin of the cookie may be, besides its own place: on the host alone, on a former domain, and where a valid
 * cookie of this request says that it was set.
 */
export function listTwinPlaces(places: CookiePlaces, { valid }: OpenedSeals): readonly CookiePlace[] {
  const configured = listDomains(places).map((domain) => createPlace({ ...places.own, domain }));
  const named = valid.map(({ place }) => place).filter((place) => isNameable(places, place));
  const twins = new Map([...configured, ...named].map((place) => [getPlaceKey(place), place]));
  twins.delete(getPlaceKey(places.own));
  return [...twins.values()];
}

/**
 * Throws if a cookie that is set now would not count on the next request, because a valid twin stays beside it. Twins of
 * other apps, which cannot be opened, do not matter.
 *
 * @throws SessionError `COOKIE_SHADOWED`.
 */
export function assertNoShadow(places: CookiePlaces, { count, valid }: OpenedSeals): void {
  const foreign = valid.find(({ place }) => !isNameable(places, place));
  if (foreign) throw new SessionError('COOKIE_SHADOWED', { hint: describeForeignTwin(foreign.place) });
  // A copy that another domain planted names the place that it was copied from, and two cookies cannot share one.
  const occupied = new Set(valid.map(({ place }) => getPlaceKey(place)));
  const isReadable = count - occupied.size + 1 <= maxSeals;
  if (occupied.size === valid.length && isReadable) return;
  const hint = `Cookies named '${places.own.name}' were set for an unknown domain or path. With a name that starts with \`__Host-\`, no other domain can do so.`;
  throw new SessionError('COOKIE_SHADOWED', { hint });
}

function describeForeignTwin({ name, domain }: CookiePlace): string {
  const place = `A valid cookie named '${name}' was set for the domain '${domain}'.`;
  return `${place} If an earlier version of this app did so, add it to cookie({ formerDomains }). If another app did, use another name or secret.`;
}

const getPlaceKey = (place: CookiePlace): string => getCookieKey({ value: '', ...place });

function listDomains({ own, formerDomains }: CookiePlaces): readonly (string | undefined)[] {
  return [undefined, own.domain, ...formerDomains];
}

/** Any path: a cookie on these domains that only our secret opens is ours, and not another app's. */
function isNameable(places: CookiePlaces, { domain }: CookiePlace): boolean {
  return listDomains(places).includes(domain);
}
