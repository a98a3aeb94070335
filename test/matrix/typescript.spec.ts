import { expect } from '@playwright/test';
import manifest from '../../package.json' with { type: 'json' };
import { type AppFolder, createAppFolder, installPackages } from './app-folder.ts';
import { copyFixture, noteVersions, pickRanges } from './package-project.ts';
import { tableRow, test } from './package-test.ts';

/** A release of TypeScript, and whether the app uses tRPC, which needs TypeScript 5.7.2. */
interface TypeScriptCase {
  readonly version: string;
  readonly usesTrpc: boolean;
  /** From 5.8 on, TypeScript lets CommonJS require an ES module. */
  readonly canRequire: boolean;
}

const cases: readonly TypeScriptCase[] = [
  { version: '5.5', usesTrpc: false, canRequire: false },
  { version: '5.7', usesTrpc: true, canRequire: false },
  { version: '5.9', usesTrpc: true, canRequire: true },
  { version: '7', usesTrpc: true, canRequire: true },
];
const resolutions = ['bundler', 'node16', 'nodenext'] as const;
type Resolution = (typeof resolutions)[number];
const trpcFiles = ['trpc.ts', 'client.ts', 'trpc-provider.tsx'];

for (const typescript of cases) {
  test.describe(() => {
    /** Installed once per release. */
    let app: AppFolder | undefined;
    test.afterAll(() => app?.remove());

    for (const resolution of resolutions) {
      const title = `TypeScript ${typescript.version}${typescript.usesTrpc ? '' : ', without tRPC'}: ${resolution}`;
      test(title, tableRow, async ({ tarball }) => {
        test.setTimeout(300_000);
        app ??= await installTypeScript(typescript, tarball);
        noteVersions(app, 'typescript', 'next', 'react', ...(typescript.usesTrpc ? ['@trpc/server'] : []));
        expect(await compile(app, resolution, typescript)).toEqual([]);
      });
    }
  });
}

/** Compiles the app, then files that use the declarations of the app. Resolves to the errors. */
async function compile(
  app: AppFolder,
  resolution: Resolution,
  { usesTrpc, canRequire }: TypeScriptCase,
): Promise<readonly string[]> {
  const commonJs = usesTrpc && canRequire && resolution === 'nodenext' ? ['commonjs.cts', 'commonjs-trpc.cts'] : [];
  const files = ['session.ts', 'next.ts', 'react.tsx', 'testing.ts', ...(usesTrpc ? trpcFiles : []), ...commonJs];
  const users = ['declared.ts', ...(usesTrpc ? ['declared-trpc.ts'] : [])];
  const errors = await findErrors(app, resolution, files);
  return errors.length > 0 ? errors : findErrors(app, resolution, users);
}

/** Resolves to the errors of the app and of this package. Errors in the declarations of other packages do not count. */
async function findErrors(
  app: AppFolder,
  resolution: Resolution,
  files: readonly string[],
): Promise<readonly string[]> {
  app.write('tsconfig.json', { compilerOptions: createOptions(resolution), files });
  const failure = await app.run(process.execPath, 'node_modules/typescript/bin/tsc', '--pretty', 'false').then(
    () => '',
    (error: Error) => error.message,
  );
  if (failure && !/\berror TS/.test(failure)) throw new Error(failure);
  const errors = failure.split('\n').filter((line) => /\berror TS/.test(line));
  return errors.filter((line) => !/^node_modules\/(?!trpc-session\/)/.test(line));
}

function createOptions(resolution: Resolution): object {
  return {
    target: 'ES2022',
    lib: ['ES2023', 'DOM', 'DOM.Iterable', 'DOM.AsyncIterable'],
    module: resolution === 'bundler' ? 'ESNext' : resolution,
    moduleResolution: resolution,
    jsx: 'react-jsx',
    strict: true,
    exactOptionalPropertyTypes: true,
    noPropertyAccessFromIndexSignature: true,
    // Otherwise a broken import in the declarations of the package would have the type `any`.
    skipLibCheck: false,
    declaration: true,
    rootDir: '.',
    outDir: 'out',
    types: ['node'],
  };
}

/** Creates an app with the library, its peers and a release of TypeScript. */
async function installTypeScript({ version, usesTrpc }: TypeScriptCase, tarball: string): Promise<AppFolder> {
  const app = createAppFolder();
  copyFixture(app, 'typescript-app');
  app.write('package.json', {
    name: 'typescript-app',
    private: true,
    type: 'module',
    dependencies: {
      ...(usesTrpc && pickRanges('@trpc/client', '@trpc/server')),
      ...pickRanges('ioredis', 'next', 'react', 'react-dom', 'zod', '@types/node', '@types/react', '@types/react-dom'),
      typescript: version,
      [manifest.name]: `file:${tarball}`,
    },
  });
  try {
    await installPackages(app);
    return app;
  } catch (error) {
    app.remove();
    throw error;
  }
}
