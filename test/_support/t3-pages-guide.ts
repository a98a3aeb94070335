import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { AppFolder } from '../matrix/app-folder.ts';
import { type GuideFile, readGuideFiles } from './t3-guide.ts';

const page = fileURLToPath(new URL('../../docs/pages-router.md', import.meta.url));
const appRouterOnly = /route\.ts$|react\.tsx$|layout\.tsx$|app\/page\.tsx$/;

/** Returns the files of the guide, with the differences that docs/pages-router.md lists for the Pages Router. */
export function readPagesGuideFiles(): readonly Pick<GuideFile, 'path' | 'code'>[] {
  const shared = readGuideFiles().filter(({ path }) => !appRouterOnly.test(path));
  const blocks = readFileSync(page, 'utf8').matchAll(/^```tsx\n\/\/ (src\/\S+)\n([\s\S]*?)^```$/gm);
  return [
    ...shared.map(({ path, code }) => ({
      path: path.replace('src/app/_components', 'src/components'),
      code: adapt(code),
    })),
    ...[...blocks].map(([, path = '', code = '']) => ({ path, code })),
  ];
}

function adapt(code: string): string {
  return code
    .replace('import "server-only";\n\n', '')
    .replace('~/trpc/react', '~/utils/api')
    .replace(/^import type \{ NextContextOptions.*\n/m, '')
    .replace(
      /^export const createTRPCContext = async[\s\S]*?^\}\);$/m,
      'export const createTRPCContext = createContext;',
    );
}

/** Renders the guide's component in the start page of T3, and replaces the link of T3's client. */
export function changePagesFiles({ folder, write }: AppFolder): void {
  const change = (path: string, toChanged: (code: string) => string) =>
    write(path, toChanged(readFileSync(join(folder, path), 'utf8')));
  change(
    'src/pages/index.tsx',
    (code) => `import { Account } from "~/components/account";\n${code.replace('</h1>', '</h1><Account />')}`,
  );
  change(
    'src/utils/api.ts',
    (code) =>
      `import { sessionLink } from "trpc-session/client";\n${code.replace('httpBatchLink, ', '').replace('httpBatchLink(', 'sessionLink(')}`,
  );
}
