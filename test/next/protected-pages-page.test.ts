// Slow: compiles the code of a page of the docs.
import { expect, test } from 'vitest';
import { extractCode, writeDocsPage } from '../_support/docs-page.ts';
import { findBrokenLinks } from '../integration/markdown.ts';

const page = 'docs/protected-pages.md';
const added = {
  'app/session.ts': `import { createSessions } from 'trpc-session';
    import { memoryStore } from 'trpc-session/stores/memory';
    import { z } from 'zod';
    export const sessions = createSessions({
      schema: z.object({ userId: z.string(), name: z.string() }),
      subject: (data) => data.userId,
      view: ({ name }) => ({ name }),
      store: memoryStore(),
      secret: undefined,
    });`,
  'app/users.ts': `export declare function checkPassword(
    username: unknown,
    password: unknown,
  ): Promise<{ id: string; name: string }>;`,
};

test('the code of docs/protected-pages.md compiles, and its links lead somewhere', async () => {
  await using project = await writeDocsPage(page, {
    packages: ['next', 'react', 'zod', '@types/react', '@types/node'],
    added,
  });
  expect(extractCode(page).size).toBe(6);
  expect(await project.compile()).toBe('');
  expect(findBrokenLinks(page)).toEqual([]);
});
