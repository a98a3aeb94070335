/** When a provider reads the session, and what keeps it alive: a part of the props of `<SessionProvider>`. */
export interface RefetchOptions {
  /**
   * Whether the session is read when the window gets focus, at most every second, and at each navigation without a full
   * load, in browsers with the Navigation API.
   *
   * @default true
   */
  readonly refetchOnFocus?: boolean | undefined;
  /**
   * Whether the session is read when the network returns. After a failed request it is read in any case.
   *
   * @default true
   */
  readonly refetchOnReconnect?: boolean | undefined;
  /**
   * Reads the session again and again, with this many milliseconds between the reads. A hidden or offline page waits.
   *
   * @default undefined (no such reads)
   * @example refetchEvery={60_000}
   */
  readonly refetchEvery?: number | undefined;
  /**
   * Whether typing, clicking and scrolling keep the session alive. It calls the client's `touch`, at most once in a tenth of
   * the idle timeout, and never more often than the server's default `touchEvery` of 5 minutes needs.
   *
   * @default false (only calls of guarded procedures, pages and actions keep it alive)
   */
  readonly keepAlive?: boolean | undefined;
  /**
   * Called before the session ends, with the time that is left, in milliseconds. The session was read just before, so the
   * time is right also if another tab keeps it alive. Called with null when the warning is over: the session was used, in
   * this tab or another one, or it has ended. Show a dialog that calls `touch` of `useSession()`.
   *
   * @example
   * const [leftMs, setLeftMs] = useState<number | null>(null);
   * <SessionProvider client={trpc.session} onExpiring={setLeftMs}>
   *   <ExpiringDialog isOpen={leftMs !== null} />
   * </SessionProvider>
   */
  readonly onExpiring?: ((leftMs: number | null) => void) | undefined;
  /**
   * How long before the end of the session `onExpiring` is called, in milliseconds.
   *
   * @default 60_000
   */
  readonly warnBefore?: number | undefined;
}
