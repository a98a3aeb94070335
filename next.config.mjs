/** @type {import('next').NextConfig} */
export default {
  // Pages are prerendered up to their first question about the request; the answers stream into Suspense boundaries.
  cacheComponents: true,
  partialPrefetching: true,
  // Lets a page answer "you may not" with app/forbidden.tsx.
  experimental: { authInterrupts: true },
  // The package is used from its TypeScript sources here, by its own name.
  transpilePackages: ['trpc-session'],
  // Browsers ask for it by this name while one page gives way to the next, whatever icon the pages name.
  rewrites: async () => [{ source: '/favicon.ico', destination: '/icon.svg' }],
  agentRules: false,
  poweredByHeader: false,
};
