/** Next calls this once at start-up. `next build` also calls it, but needs neither secrets nor Redis. */
export async function register(): Promise<void> {
  if (process.env.NEXT_PHASE === 'phase-production-build') return;
  if (process.env.NEXT_RUNTIME === 'nodejs') {
    const { checkEnvironment } = await import('./app/server/check-environment');
    await checkEnvironment();
  }
}
