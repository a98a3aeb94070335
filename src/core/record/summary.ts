/** What a list of sessions shows of each, beside its times. It is stored as text, apart from the data. */
export interface SessionSummary {
  /** The User-Agent header at sign-in, at most 256 characters, or null. */
  readonly device: string | null;
}

export function formatSummary({ device }: SessionSummary): string {
  return JSON.stringify({ device });
}

/** Parses the text of a summary. A text that is not one, as after a downgrade, must not hide the session from its user. */
export function parseSummary(text: string): SessionSummary {
  try {
    const { device } = JSON.parse(text) as Partial<Record<keyof SessionSummary, unknown>>;
    return { device: typeof device === 'string' ? device : null };
  } catch {
    return { device: null };
  }
}
