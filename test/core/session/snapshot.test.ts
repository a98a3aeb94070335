import { createSessions } from 'trpc-session';
import { createTestClock } from 'trpc-session/testing';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { Browser, createSpiedStore, secret } from '../../_support/sessions.ts';

const schema = z.object({
  at: z.date(),
  tags: z.set(z.string()),
  names: z.map(z.string(), z.object({ first: z.string() })),
  list: z.array(z.object({ n: z.number() })),
  big: z.bigint(),
  maybe: z.string().optional(),
});

const createData = () => ({
  at: new Date(5),
  tags: new Set(['a']),
  names: new Map([['ada', { first: 'Ada' }]]),
  list: [{ n: 1 }],
  big: 2n ** 70n,
  maybe: undefined,
});

async function signIn() {
  const clock = createTestClock();
  const sessions = createSessions({
    schema,
    view: () => null,
    store: createSpiedStore(clock).store,
    secret,
    now: clock.now,
  });
  const browser = new Browser(sessions);
  const input = createData();
  const { session: started } = await browser.request().start(input);
  return { browser, input, started };
}

/** Reads the data without its read-only types, as JavaScript code would. */
async function readMutableData(
  browser: Awaited<ReturnType<typeof signIn>>['browser'],
): Promise<z.infer<typeof schema>> {
  return (await browser.request().get())?.data as unknown as z.infer<typeof schema>;
}

describe('a snapshot', () => {
  test('contains every value as it was stored', async () => {
    const { browser, started } = await signIn();
    expect(started.data).toStrictEqual(createData());
    expect((await browser.request().get())?.data).toStrictEqual(createData());
  });

  test.each<[string, (data: z.infer<typeof schema>) => unknown]>([
    ['a field', (data) => Object.assign(data, { big: 1n })],
    ['a new field', (data) => Object.assign(data, { other: 1 })],
    ['a deleted field', (data) => delete data.maybe],
    ['an array', (data) => data.list.push({ n: 2 })],
    ['an object in an array', (data) => Object.assign(data.list[0] ?? {}, { n: 2 })],
    ['an object in a Map', (data) => Object.assign(data.names.get('ada') ?? {}, { first: 'Eve' })],
    ['a Map', (data) => data.names.clear()],
    ['a Set', (data) => data.tags.add('admin')],
    ['a Date', (data) => data.at.setTime(0)],
  ])('throws on a change to %s', async (_case, change) => {
    const { browser, started } = await signIn();
    const data = await readMutableData(browser);
    expect(() => change(data)).toThrow(TypeError);
    expect(() => change(started.data as unknown as z.infer<typeof schema>)).toThrow(TypeError);
    expect((await browser.request().get())?.data).toStrictEqual(createData());
  });

  test('is read-only itself', async () => {
    const { started } = await signIn();
    expect(() => Object.assign(started, { expiresAt: Infinity })).toThrow(TypeError);
  });

  test('shares no object with the input of start', async () => {
    const { input, started } = await signIn();
    input.at.setTime(9);
    input.tags.add('b');
    input.list.push({ n: 3 });
    expect(started.data).toStrictEqual(createData());
  });

  test('shares no object with the snapshot of an earlier revision', async () => {
    const { browser } = await signIn();
    const session = browser.request();
    const before = await session.get();
    const after = await session.update({ big: 1n });
    expect(after.data.at).not.toBe(before?.data.at);
    expect(before?.data.big).toBe(2n ** 70n);
    expect(after.data).toStrictEqual({ ...createData(), big: 1n });
  });

  test('keeps the data that a guard has checked, even after an update', async () => {
    const { browser } = await signIn();
    const guarded = await browser.request().require();
    await guarded.update({ big: 1n });
    expect(guarded.data.big).toBe(2n ** 70n);
    expect((await guarded.get())?.data.big).toBe(1n);
  });
});
