import { createSessions } from 'trpc-session';
import { memoryStore } from 'trpc-session/stores/memory';
import { createTestClock } from 'trpc-session/testing';
import { bearer } from 'trpc-session/transports/header';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';

const data = { userId: 'ada', theme: 'light', since: new Date(0) };

/** Signs Ada in, and counts how often stored data is validated after that. */
async function signIn() {
  const schema = z.object({ userId: z.string(), theme: z.string(), since: z.date() });
  let count = 0;
  const validate: (typeof schema)['~standard']['validate'] = (value) => {
    count += 1;
    return schema['~standard'].validate(value);
  };
  const clock = createTestClock();
  const sessions = createSessions({
    schema: { '~standard': { version: 1, vendor: 'test', validate } } as typeof schema,
    subject: ({ userId }) => userId,
    view: ({ theme }) => ({ theme }),
    transport: bearer(),
    store: memoryStore({ name: crypto.randomUUID(), now: clock.now }),
    secret: undefined,
    now: clock.now,
  });
  const { token } = await sessions.open({ headers: {}, method: 'POST' }).start(data);
  const open = () => sessions.open({ headers: { authorization: `Bearer ${token}` }, method: 'POST' });
  count = 0;
  return { open, clock, countValidations: () => count };
}

describe('the record of a session', () => {
  test('is parsed and validated once while it does not change', async () => {
    const { open, countValidations } = await signIn();
    const first = await open().get();
    for (let n = 0; n < 10; n += 1) expect(await open().require()).toMatchObject({ data });
    expect(countValidations()).toBe(1);
    expect((await open().get())?.data).toBe(first?.data);
  });

  test('is parsed again after a change', async () => {
    const { open } = await signIn();
    await open().get();
    await open().update({ theme: 'dark' });
    expect((await open().get())?.data.theme).toBe('dark');
    expect((await open().require()).data.theme).toBe('dark');
  });

  test('is reused with the current times of the session', async () => {
    const { open, clock } = await signIn();
    const first = await open().get();
    clock.advance('10m');
    await open().get();
    const later = await open().get({ passive: true });
    expect(later?.lastSeenAt).toBe(Number(first?.lastSeenAt) + 600_000);
    expect(later?.data).toBe(first?.data);
    clock.advance('7h');
    expect(await open().get()).toBeNull();
  });

  test('cannot be changed by one request for another', async () => {
    const { open } = await signIn();
    const { data: shared } = await open().require();
    expect(() => Object.assign(shared, { userId: 'eve' })).toThrow(TypeError);
    expect(() => (shared.since as Date).setTime(1)).toThrow(TypeError);
    expect(await open().require()).toMatchObject({ data });
  });
});
