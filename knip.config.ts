import type { KnipConfig } from 'knip';

/** Finds unused files, exports and dependencies. Part of `npm run test:lint`. */
export default {
  entry: [
    // The program of the package: `bin` names the built file.
    'src/cli.ts',
    // The compiler reads these. No test imports them.
    'test/**/*.test-d.ts',
    'test/types/{account-app,mistakes}.ts',
    // bench/apps/host.mjs imports them by name.
    'bench/{apps,peers}/*.mjs',
    'bench/next-app/next.config.mjs',
    'bench/next-app/app/**/{page,route,layout}.jsx',
    // A test passes it to Vitest.
    'test/matrix/react-vitest.config.ts',
  ],
  // The fixtures are projects of their own, some of them deliberately wrong.
  project: ['**/*.{ts,tsx,mts,mjs}', '!test/fixtures/**'],
  ignoreDependencies: [
    // Fixtures, installed so that their dependencies are. Tests name them by their folder.
    /^consumer-/,
    // The code in docs/cross-origin.md imports it.
    /^(@types\/)?cors$/,
    // app/fonts.ts names their files by path, as next/font/local requires.
    /^@fontsource-variable\//,
    // In bench/peers/package.json. Only the benchmark installs them.
    /^(@fastify\/(cookie|session)|better-auth|connect-redis|express-session)$/,
  ],
} satisfies KnipConfig;
