import { createRequire } from 'node:module';
import { join } from 'node:path';
import { defineConfig, type Plugin } from 'vitest/config';

/** A folder with other versions of React, and with the React Compiler if the tests are compiled. */
const folder = process.env.REACT_FOLDER ?? '';
const installed = createRequire(join(folder, 'package.json'));
/** React 19.2 and newer have it. */
const hasActivity = 'Activity' in installed('react');

/** Runs the tests of the hooks with the React of that folder. */
// biome-ignore lint/style/noDefaultExport: Vitest reads the default export
export default defineConfig({
  plugins: process.env.REACT_COMPILER ? [compileComponents()] : [],
  resolve: {
    alias: ['react', 'react-dom'].map((name) => ({
      find: new RegExp(`^${name}(?=/|$)`),
      replacement: join(folder, 'node_modules', name),
    })),
  },
  test: {
    include: ['test/react/**/*.test.{ts,tsx}'],
    // They test TypeScript and a bundler.
    exclude: ['test/react/compiler-messages.test.ts', 'test/react/entry-size.test.ts'],
    // Nothing can be hidden without <Activity>.
    ...(hasActivity ? {} : { testNamePattern: /^(?!.*hidden)/ }),
    // The alias reaches only what Vitest transforms. With another React, its hooks would fail.
    server: { deps: { inline: ['@tanstack/react-query'] } },
    pool: 'forks',
    maxWorkers: 2,
    testTimeout: 15_000,
    restoreMocks: true,
  },
});

/** Compiles the library and its tests with the React Compiler. */
function compileComponents(): Plugin {
  return {
    name: 'react-compiler',
    enforce: 'pre',
    async transform(code, id) {
      if (!/\/(src|test)\/react\/.*\.tsx?$/.test(id)) return null;
      const { transformAsync } = await import(installed.resolve('@babel/core'));
      const compiled = await transformAsync(code, {
        filename: id,
        configFile: false,
        babelrc: false,
        sourceMaps: true,
        parserOpts: { plugins: ['typescript', 'jsx'] },
        plugins: [[installed.resolve('babel-plugin-react-compiler'), { target: '19', panicThreshold: 'none' }]],
      });
      const mustCompile = id.endsWith('use-set-session.test.tsx');
      if (mustCompile && !compiled.code.includes('react/compiler-runtime')) throw new Error('Nothing was compiled.');
      return compiled;
    },
  };
}
