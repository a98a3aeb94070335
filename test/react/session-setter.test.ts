import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { SessionSetter } from '../../src/react/session-setter.ts';

const refused = new Error('refused');
const failing = () => new SessionSetter<object, object>(() => Promise.reject(refused));

test('a change whose promise is ignored fails into `error`, and into no unhandled rejection', async () => {
  const unhandled: unknown[] = [];
  const note = (error: unknown) => unhandled.push(error);
  process.prependOnceListener('unhandledRejection', note);
  const setter = failing();
  setter.setSession({});
  await sleep(10);
  process.off('unhandledRejection', note);
  expect(setter.read()).toEqual({ isPending: false, error: refused });
  expect(unhandled).toEqual([]);
});

test('a change whose promise is awaited rejects with the same error', async () => {
  await expect(failing().setSession({})).rejects.toBe(refused);
});
