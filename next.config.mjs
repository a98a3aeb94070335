/** @type {import('next').NextConfig} */
export default {
  // Serves the app below a path, such as /shop. Set it for the build and for the server; app/base-path.ts reads it too.
  basePath: process.env.NEXT_PUBLIC_BASE_PATH ?? '',
  // Prerenders each page. The parts that need the request are streamed into their <Suspense>.
  cacheComponents: true,
  partialPrefetching: true,
  // Lets requireSession() show app/forbidden.tsx.
  experimental: { authInterrupts: true },
  // Compiles the package from its TypeScript sources. An app that installs it from npm does not need this.
  transpilePackages: ['trpc-session'],
  // Browsers request this path between two pages, even though the pages link to another icon.
  rewrites: async () => [{ source: '/favicon.ico', destination: '/icon.svg' }],
  agentRules: false,
  poweredByHeader: false,
};
