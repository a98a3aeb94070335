// Slow: compiles the code of a page of the docs, and runs it.
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type DocsPage, writeDocsPage } from '../../_support/docs-page.ts';
import { findBrokenLinks } from '../../integration/markdown.ts';

const page = 'docs/managing-sessions.md';
const added = {
  'app/session.ts': `import { createSessions } from 'trpc-session';
    import { memoryStore } from 'trpc-session/stores/memory';
    import { bearer } from 'trpc-session/transports/header';
    import { z } from 'zod';
    export const sessions = createSessions({
      schema: z.object({ userId: z.string(), role: z.enum(['member', 'admin']) }),
      subject: (data) => data.userId,
      view: ({ role }) => ({ role }),
      store: memoryStore({ name: 'managing-sessions' }),
      transport: bearer(),
      secret: undefined,
    });`,
  'app/users.ts': `export async function saveRole(_userId: string, _role: string): Promise<void> {}`,
};

let project: DocsPage;

beforeAll(async () => {
  project = await writeDocsPage(page, { packages: ['zod', '@types/node'], added });
});

afterAll(() => project[Symbol.asyncDispose]());

describe('docs/managing-sessions.md', () => {
  beforeEach(async () => {
    const { endEverything } = await project.load('app/end-everything.ts');
    await endEverything();
    const { sessions } = await project.load('app/session.ts');
    for (const userId of ['ada', 'ada', 'grace'])
      await sessions.open({ headers: {} }).start({ userId, role: 'member' });
  });

  test('has code that compiles, and links that lead somewhere', async () => {
    expect(await project.compile()).toBe('');
    expect(findBrokenLinks(page)).toEqual([]);
  });

  test('changes a role in every session of the user, and exports them', async () => {
    const { changeRole } = await project.load('app/change-role.ts');
    const { exportSessions } = await project.load('app/export-sessions.ts');
    expect(await changeRole('ada', 'admin')).toBe(2);
    const times = { createdAt: expect.any(Number), lastSeenAt: expect.any(Number) };
    const entry = { ...times, device: null, data: { userId: 'ada', role: 'admin' } };
    expect(JSON.parse(await exportSessions('ada'))).toEqual([entry, entry]);
    expect(JSON.parse(await exportSessions('grace'))).toMatchObject([{ data: { role: 'member' } }]);
  });

  test('lists who is online, and signs everybody out', async () => {
    const { listOnline } = await project.load('app/list-online.ts');
    const { endEverything } = await project.load('app/end-everything.ts');
    expect((await listOnline()).toSorted()).toEqual(['ada', 'grace']);
    expect(await endEverything()).toBe(3);
    expect(await listOnline()).toEqual([]);
  });
});
