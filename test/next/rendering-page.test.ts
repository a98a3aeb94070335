// Slow: compiles the code of a page of the docs.
import { expect, test } from 'vitest';
import { extractCode, writeDocsPage } from '../_support/docs-page.ts';
import { findBrokenLinks } from '../integration/markdown.ts';

const page = 'docs/rendering.md';
const added = {
  'app/session.ts': `import { createSessions } from 'trpc-session';
    import { memoryStore } from 'trpc-session/stores/memory';
    import { z } from 'zod';
    export const sessions = createSessions({
      schema: z.object({ name: z.string() }),
      view: ({ name }) => ({ name }),
      store: memoryStore(),
      secret: undefined,
    });`,
  'app/session-server.ts': `import { createNextSession } from 'trpc-session/next';
    import { sessions } from './session';
    export const { requireSession } = createNextSession(sessions, { signIn: '/sign-in' });`,
  'app/session-client.ts': `import { createReactSession } from 'trpc-session/react';
    import type { sessions } from './session';
    export const { useSuspenseSession } = createReactSession<typeof sessions>();`,
  'app/actions.ts': 'export declare function signOut(): Promise<void>;',
};

test('the code of docs/rendering.md compiles, and its links lead somewhere', async () => {
  await using project = await writeDocsPage(page, {
    packages: ['next', 'react', 'zod', '@types/react', '@types/node'],
    added,
  });
  expect(extractCode(page).size).toBe(3);
  expect(await project.compile()).toBe('');
  expect(findBrokenLinks(page)).toEqual([]);
});
