import { LRUCache } from 'lru-cache';

/** What a list of sessions shows of each, beside its times. It is stored as text, apart from the data. */
export interface SessionSummary {
  /** The User-Agent header at sign-in, at most 256 characters, or null. */
  readonly device: string | null;
}

export function formatSummary({ device }: SessionSummary): string {
  return JSON.stringify({ device });
}

/** Many users have the same device, and parsing would take longer than the rest of a read of an unchanged session. */
const parsedSummaries = new LRUCache<string, SessionSummary>({ max: 1_000 });

/** Parses the text of a summary. A text that is not one, as after a downgrade, must not hide the session from its user. */
export function parseSummary(text: string): SessionSummary {
  const known = parsedSummaries.get(text);
  if (known) return known;
  const summary = parseSummaryText(text);
  parsedSummaries.set(text, summary);
  return summary;
}

function parseSummaryText(text: string): SessionSummary {
  try {
    const { device } = JSON.parse(text) as Partial<Record<keyof SessionSummary, unknown>>;
    return { device: typeof device === 'string' ? device : null };
  } catch {
    return { device: null };
  }
}
