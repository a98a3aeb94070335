import { randomUUID } from 'node:crypto';
import { createSessions, freshWithin } from 'trpc-session';
import { createNextSession } from 'trpc-session/next';
import { memoryStore } from 'trpc-session/stores/memory';
import { signInAs } from 'trpc-session/testing';
import { beforeEach, expect, test, vi } from 'vitest';
import { z } from 'zod';

const request = vi.hoisted(() => ({ headers: new Headers(), isPage: true }));

/** A test cannot enter a request of Next, so its headers, cookies and redirects are replaced. */
vi.mock('next/headers.js', () => ({
  headers: async () => request.headers,
  cookies: async () => ({
    get: (name: string) => {
      const [sent, value] = (request.headers.get('cookie') ?? '').split('=');
      return sent === name ? { value } : undefined;
    },
    set: () => {},
    // Next's store has this method while a page renders, and only then.
    ...(request.isPage && { clear: () => {} }),
  }),
}));
vi.mock('next/navigation', () => ({
  forbidden: () => {},
  redirect: (path: string) => {
    throw new Error(`redirected to ${path}`);
  },
}));

let now = Date.now();
const sessions = createSessions({
  schema: z.object({ userId: z.string() }),
  subject: (data) => data.userId,
  view: () => ({}),
  store: memoryStore({ name: randomUUID() }),
  secret: 'a secret of at least thirty-two characters',
  now: () => now,
});
const { requireSession } = createNextSession(sessions, { signIn: '/sign-in', reauthenticate: '/confirm?from=page' });

beforeEach(() => {
  now = Date.now();
  request.isPage = true;
  request.headers = new Headers();
});

test('a page sends a signed-out visitor to the sign-in page, with the path that the proxy told it', async () => {
  request.headers = new Headers({ 'trpc-session-path': '/account?tab=1' });
  await expect(requireSession()).rejects.toThrow('redirected to /sign-in?next=%2Faccount%3Ftab%3D1');
});

test('a page that the proxy does not cover sends the visitor to the sign-in page alone', async () => {
  await expect(requireSession()).rejects.toThrow(/redirected to \/sign-in$/);
});

test('a path of another site in the header is ignored', async () => {
  request.headers = new Headers({ 'trpc-session-path': '//evil.example' });
  await expect(requireSession()).rejects.toThrow(/redirected to \/sign-in$/);
});

test('a page whose guard needs a fresh sign-in sends the user to the page that asks for the password', async () => {
  const { cookie } = await signInAs(sessions, { userId: 'ada' });
  request.headers = new Headers({ cookie, 'trpc-session-path': '/account/delete' });
  now += 600_000;
  await expect(requireSession(freshWithin('5m'))).rejects.toThrow(
    'redirected to /confirm?from=page&next=%2Faccount%2Fdelete',
  );
});

test('outside a page, a guard throws instead', async () => {
  request.isPage = false;
  await expect(requireSession()).rejects.toMatchObject({ code: 'MISSING' });
});
