import { deserialize, serialize } from 'superjson';
import { SessionError } from './errors.ts';
import type { UnreadableWhy } from './events.ts';
import { judge, type StandardSchemaV1 } from './schema.ts';

/** What the app's data is wrapped in before a store gets it. */
export interface Envelope {
  /** Version of the app's schema. */
  readonly v: number;
  readonly data: unknown;
  /** superjson's annotations, only when a value needs them (Date, Map, Set, bigint, …). */
  readonly types?: unknown;
  /** False: the cookie ends with the browser. */
  readonly remember: boolean;
  readonly device: string | null;
}

/** How data gets in and out of a record. */
export interface RecordCodec<Data> {
  readonly schema: StandardSchemaV1<unknown, Data>;
  readonly version: number;
  readonly migrate: ((data: unknown, version: number) => unknown) | undefined;
  /** Of the encoded body, in bytes of UTF-8. */
  readonly maxBytes: number;
}

/** A record that could be used; `migrated` when it was older than the schema. */
export interface ReadRecord<Data> {
  readonly data: Data;
  readonly envelope: Envelope;
  readonly migrated: boolean;
}

type Terms = Pick<Envelope, 'remember' | 'device'>;

/** Validates data and wraps it. Refuses what would not come back the same, naming where it is. */
export async function encodeRecord<Data>(
  codec: RecordCodec<Data>,
  input: unknown,
  { remember, device }: Terms,
): Promise<{ body: string; data: Data }> {
  const judged = await judge(codec.schema, input);
  if (!judged.ok) throw new SessionError('INVALID_DATA', { issues: judged.issues });
  assertStorable(judged.value);
  const { json, meta } = serialize(judged.value);
  const body = JSON.stringify({ v: codec.version, data: json, ...(meta && { types: meta }), remember, device });
  const bytes = Buffer.byteLength(body);
  if (bytes > codec.maxBytes) {
    throw new SessionError('TOO_LARGE', { hint: `It takes ${bytes} bytes of the ${codec.maxBytes} allowed.` });
  }
  return { body, data: judged.value };
}

/** Opens a record. Answers why it cannot be used instead of throwing: one bad record must not be a 500. */
export async function decodeRecord<Data>(
  codec: RecordCodec<Data>,
  body: string,
): Promise<ReadRecord<Data> | UnreadableWhy> {
  const envelope = parseEnvelope(body);
  if (!envelope) return 'corrupt';
  if (envelope.v > codec.version) return 'newer-version';
  const migrated = envelope.v < codec.version;
  try {
    const stored = revive(envelope);
    const current = migrated && codec.migrate ? codec.migrate(stored, envelope.v) : stored;
    const judged = await judge(codec.schema, current);
    return judged.ok ? { data: judged.value, envelope, migrated } : 'invalid';
  } catch {
    return migrated ? 'migration-failed' : 'corrupt';
  }
}

/** The envelope of a body, or null when it is not one. Does not look at the data. */
export function parseEnvelope(body: string): Envelope | null {
  try {
    const parsed: unknown = JSON.parse(body);
    return isEnvelope(parsed) ? parsed : null;
  } catch {
    return null;
  }
}

function isEnvelope(value: unknown): value is Envelope {
  if (typeof value !== 'object' || value === null || !('data' in value)) return false;
  const { v, remember, device } = value as Partial<Envelope>;
  return Number.isInteger(v) && typeof remember === 'boolean' && (device === null || typeof device === 'string');
}

function revive({ data, types }: Envelope): unknown {
  return types === undefined ? data : deserialize({ json: data, meta: types } as Parameters<typeof deserialize>[0]);
}

const deepest = 64;

/** Throws for whatever superjson would drop, flatten or loop on. */
function assertStorable(value: unknown, path: readonly PropertyKey[] = [], above: readonly object[] = []): void {
  const refuse = (what: string): never => {
    throw new SessionError('INVALID_DATA', { issues: [{ message: `${what} cannot be stored`, path }] });
  };
  if (typeof value === 'function' || typeof value === 'symbol') refuse(`a ${typeof value}`);
  if (typeof value !== 'object' || value === null) return;
  if (above.includes(value)) refuse('a value that contains itself');
  if (path.length >= deepest) refuse(`anything more than ${deepest} levels deep`);
  if (value instanceof Date && Number.isNaN(value.getTime())) refuse('an invalid Date');
  const inside = [...above, value];
  for (const [key, held] of entriesOf(value) ?? refuse('an instance of a class')) {
    assertStorable(held, [...path, key], inside);
  }
}

/** What a container holds, or null for an object that is neither plain nor one superjson brings back. */
function entriesOf(value: object): Iterable<readonly [PropertyKey, unknown]> | null {
  if (Array.isArray(value)) return value.entries();
  if (value instanceof Set) return [...value].entries();
  if (value instanceof Map) return [...value].flatMap((pair, at) => pair.map((held) => [at, held] as const));
  if (value instanceof Date || value instanceof RegExp || value instanceof URL) return [];
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || prototype === Object.prototype ? Object.entries(value) : null;
}
