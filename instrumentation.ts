/** Runs once per start, before the first request. `next build` needs neither secrets nor Redis, so it is let through. */
export async function register(): Promise<void> {
  if (process.env.NEXT_PHASE === 'phase-production-build') return;
  if (process.env.NEXT_RUNTIME === 'nodejs') {
    const { checkEnvironment } = await import('./app/server/environment');
    await checkEnvironment();
  }
}
