import { createSessions } from 'trpc-session';
import { memoryStore } from 'trpc-session/stores/memory';
import { z } from 'zod';

const schema = z.object({ userId: z.string(), at: z.date(), count: z.number() });
const base = { schema, store: memoryStore(), secret: undefined } as const;
const view = () => null;

createSessions({ ...base, view });
createSessions({ ...base, view: ({ userId, count }) => ({ userId, list: [count, null], nested: { ok: true } }) });
createSessions({ ...base, view, subject: (data) => data.userId });
createSessions({ ...base, view, subject: (data) => (data.count > 0 ? data.count : undefined) });
createSessions({ ...base, view, patch: z.object({ count: z.number() }) });
createSessions({ ...base, view, idle: '1h', absolute: 60_000, limit: { max: 3, whenFull: 'refuse' } });
createSessions({ ...base, view, secret: ['a', 'b'], origins: ['https://a.example'] });

// @ts-expect-error the view is required, because it decides what the browser sees
createSessions(base);
// @ts-expect-error the store may be undefined, but not omitted
createSessions({ schema, view, secret: undefined });
// @ts-expect-error the secret may be undefined, but not omitted
createSessions({ schema, view, store: memoryStore() });
// @ts-expect-error the schema is not a Standard Schema
createSessions({ ...base, view, schema: { parse: () => 1 } });
// @ts-expect-error a Date is not JSON
createSessions({ ...base, view: ({ at }) => ({ at }) });
// @ts-expect-error a bigint is not JSON
createSessions({ ...base, view: () => 1n });
// @ts-expect-error a Map is not JSON
createSessions({ ...base, view: () => ({ map: new Map([[1, 2]]) }) });
// @ts-expect-error a function is not JSON
createSessions({ ...base, view: () => ({ call: () => 1 }) });
// @ts-expect-error the data has no such field
createSessions({ ...base, view: ({ email }) => ({ email }) });
// @ts-expect-error a subject must not be null, because many users would share it
createSessions({ ...base, view, subject: (data) => (data.count ? data.userId : null) });
// @ts-expect-error a subject must not be an object
createSessions({ ...base, view, subject: (data) => ({ id: data.userId }) });
// @ts-expect-error the patch has a field that the schema does not have
createSessions({ ...base, view, patch: z.object({ isAdmin: z.boolean() }) });
// @ts-expect-error the patch gives a field another type
createSessions({ ...base, view, patch: z.object({ count: z.string() }) });
// @ts-expect-error the unit does not exist
createSessions({ ...base, view, idle: '1x' });
// @ts-expect-error the limit does not say what happens when it is reached
createSessions({ ...base, view, limit: { max: 3 } });
// @ts-expect-error the option does not exist
createSessions({ ...base, view, ttl: 5 });
