const hourMs = 3_600_000;

/** How long sessions last, in milliseconds. The server enforces it, and the session card counts down from it. */
export const timeouts = {
  /** A session ends after this time without use. */
  idleMs: 6 * hourMs,
  /** A session ends this long after sign-in, even if it is in use. */
  absoluteMs: 7 * 24 * hourMs,
} as const;
