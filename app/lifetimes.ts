const hourMs = 3_600_000;

/** How long sessions live. The server enforces these; the ticket on the page draws its bars from the same numbers. */
export const lifetimes = {
  /** Ends a session that nobody used for this long. */
  idleMs: 6 * hourMs,
  /** Ends a session this long after sign-in, however busy it is. */
  absoluteMs: 7 * 24 * hourMs,
} as const;
