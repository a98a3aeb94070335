import { createOptionError } from '../errors.ts';

/**
 * Other origins that may send writes: exact origins (`'https://admin.example.com'`, `'capacitor://localhost'`), patterns
 * with one label (`'https://*.example.com'`), or a function.
 */
export type OriginRule = readonly string[] | ((origin: string) => boolean);

/** Where browsers reach the app: a fixed origin, or what a trusted proxy says. Null: the request's Host header. */
export type PublicUrl = { readonly scheme: 'http' | 'https'; readonly host: string } | 'forwarded' | null;

const exactOrigin = /^[a-z][a-z0-9+.-]*:\/\/[^\s/?#@*]+$/;
/** No page or app has an origin of these schemes, so an entry is a mistake. */
const otherSchemes = /^(?:ftp|wss?|file|data|blob|about):/;
const originPattern = /^(https?:\/\/)\*(\.[a-z0-9-]+(?:\.[a-z0-9-]+)+(?::\d{1,5})?)$/;

interface OriginTerms {
  /**
   * Whether the entry `'null'` is valid. Every page in a sandboxed frame has that origin, so a whole app must not allow it.
   *
   * @default 'refused'
   */
  readonly nullOrigin?: 'allowed' | 'refused';
}

/**
 * Converts a rule to a function that returns whether an origin may send writes.
 *
 * @throws SessionError `INVALID_OPTION` naming the entry that is no origin.
 */
export function parseOrigins(
  rule: OriginRule = [],
  { nullOrigin = 'refused' }: OriginTerms = {},
): (origin: string) => boolean {
  if (typeof rule === 'function') return (origin) => rule(origin) === true;
  if (!Array.isArray(rule)) throw createOptionError('origins', 'an array of origins, or a function', rule);
  const exact = new Set<string>();
  const patterns: RegExp[] = [];
  for (const entry of rule) {
    const pattern = toPattern(entry);
    if (pattern) patterns.push(pattern);
    else if (isExactOrigin(entry) || (entry === 'null' && nullOrigin === 'allowed')) exact.add(entry);
    else throw createOptionError('origins', entry === 'null' ? nullForms : originForms, entry);
  }
  return (origin) => exact.has(origin) || patterns.some((pattern) => pattern.test(origin));
}

const originForms =
  "origins like 'https://app.example.com', 'https://*.example.com' or 'capacitor://localhost', without a path or a default port";
const nullForms = "a list without 'null', which is an option of `start` only, for the callback of one provider";

/** One label only: `https://*.example.com` matches neither `https://example.com` nor `https://a.b.example.com`. */
function toPattern(entry: unknown): RegExp | null {
  const [, scheme, rest] = typeof entry === 'string' ? (originPattern.exec(entry) ?? []) : [];
  if (scheme === undefined || rest === undefined || !isExactOrigin(`${scheme}label${rest}`)) return null;
  return new RegExp(`^${scheme}[a-z0-9_-]+${rest.replaceAll('.', '\\.')}$`);
}

/** Browsers write http origins in one form only. Origins of other schemes, as apps send them, are compared as they are. */
function isExactOrigin(entry: unknown): entry is string {
  if (typeof entry !== 'string' || !exactOrigin.test(entry) || otherSchemes.test(entry)) return false;
  return /^https?:/.test(entry) ? URL.canParse(entry) && new URL(entry).origin === entry : true;
}

/**
 * Converts the `publicUrl` option.
 *
 * @throws SessionError `INVALID_OPTION` unless it is an http or https URL without a path.
 */
export function parsePublicUrl(option: unknown): PublicUrl {
  if (option === undefined) return null;
  if (option === 'forwarded') return option;
  const url = typeof option === 'string' && URL.canParse(option) ? new URL(option) : null;
  const scheme = url?.protocol.slice(0, -1);
  if (url && (scheme === 'http' || scheme === 'https') && url.href === `${url.origin}/`)
    return { scheme, host: url.host };
  throw createOptionError('publicUrl', "a URL like 'https://shop.example' without a path, or 'forwarded'", option);
}
