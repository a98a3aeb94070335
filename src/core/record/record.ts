import { deserialize, serialize } from 'superjson';
import { isSessionError, SessionError } from '../errors.ts';
import type { UnreadableReason } from '../events.ts';
import { type StandardSchemaV1, validate } from './schema.ts';
import { deepFreeze } from './snapshot.ts';
import { assertStorable, assertUnchanged, createLossError, createSizeError, fitsInto } from './storable.ts';
import { addUnknownFields, findUnknownFields, type UnknownFields } from './unknown-fields.ts';

/** The object that a store keeps as text: the app's data and what the library needs beside it. */
interface RecordEnvelope {
  /** The version of the app's schema. */
  readonly v: number;
  readonly data: unknown;
  /** superjson's annotations, only if a value needs them (Date, Map, Set, bigint and others). */
  readonly types?: unknown;
  /** False: the cookie ends when the browser is closed. */
  readonly remember: boolean;
}

/** How data is encoded and decoded. */
export interface RecordCodec<Data> {
  readonly schema: StandardSchemaV1<unknown, Data>;
  readonly version: number;
  readonly migrate: ((data: unknown, version: number) => unknown) | undefined;
  /** The largest encoded body, in bytes of UTF-8. */
  readonly maxBytes: number;
}

/** A decoded body: the data, validated, migrated and frozen, and the envelope that was stored around it. */
export interface RecordContents<Data> {
  readonly data: Data;
  readonly envelope: RecordEnvelope;
  /** What another version of the app has stored beside the data. Undefined if there is nothing. */
  readonly unknown?: UnknownFields | undefined;
}

/** What is stored around the data, and beside it. Of an existing envelope, fields of other versions are kept. */
export interface RecordTerms extends Pick<RecordEnvelope, 'remember'> {
  readonly unknown?: UnknownFields | undefined;
}

/**
 * Validates and encodes data. Resolves to the body, and to what a later read of it will return.
 *
 * @throws SessionError `INVALID_DATA` if the schema refuses the data, or if a value would not come back unchanged; the
 * issue names its path. `TOO_LARGE` if the body exceeds `maxBytes`.
 */
export async function encodeRecord<Data>(
  codec: RecordCodec<Data>,
  input: unknown,
  { unknown, ...terms }: RecordTerms,
): Promise<RecordContents<Data> & { readonly body: string }> {
  const validation = await validate(codec.schema, input);
  if (!validation.ok) throw new SessionError('INVALID_DATA', { issues: validation.issues });
  assertStorable(validation.value, codec.maxBytes);
  const stored = addUnknownFields(validation.value, unknown);
  const envelope = createEnvelope(codec.version, stored, terms);
  const body = JSON.stringify(envelope);
  const bytes = Buffer.byteLength(body);
  if (bytes > codec.maxBytes) throw createSizeError(bytes, codec.maxBytes);
  const copy = restoreCopy(stored, body);
  const data = unknown
    ? restoreCopy(validation.value, JSON.stringify(createEnvelope(codec.version, validation.value, terms)))
    : copy;
  return { body, envelope, unknown, data: deepFreeze(data as Data) };
}

/**
 * Returns a copy, so that a snapshot does not change when the caller later changes its own objects. It is made from the
 * text, because superjson restores some shared objects differently, or not at all, after JSON has written each of them
 * twice.
 *
 * @throws SessionError `INVALID_DATA` if the text does not stand for the value.
 */
function restoreCopy(value: unknown, body: string): unknown {
  try {
    const copy = reviveData(JSON.parse(body) as RecordEnvelope);
    assertUnchanged(value, copy);
    return copy;
  } catch (error) {
    throw isSessionError(error) ? error : createLossError([]);
  }
}

function createEnvelope(version: number, value: unknown, terms: Partial<RecordEnvelope>): RecordEnvelope {
  const { v: _version, data: _data, types: _types, remember = true, ...others } = terms;
  const { json, meta } = serialize(value);
  return { v: version, data: json, ...(meta && { types: meta }), remember, ...others };
}

/** Decodes a body. If it is unusable, resolves to the reason: one bad record must not fail a request. */
export async function decodeRecord<Data>(
  codec: RecordCodec<Data>,
  body: string,
): Promise<RecordContents<Data> | UnreadableReason> {
  const envelope = parseEnvelope(body);
  if (!envelope) return 'corrupt';
  if (envelope.v > codec.version) return 'newer-version';
  const migrated = envelope.v < codec.version;
  try {
    const stored = reviveData(envelope);
    // References can make a short text stand for a value of any size. None that was written here takes more than its text.
    if (!fitsInto(stored, body.length)) return 'corrupt';
    const current = migrated && codec.migrate ? codec.migrate(stored, envelope.v) : stored;
    const validation = await validate(codec.schema, current);
    if (!validation.ok) return 'invalid';
    return { envelope, unknown: findUnknownFields(current, validation.value), data: deepFreeze(validation.value) };
  } catch {
    return migrated ? 'migration-failed' : 'corrupt';
  }
}

/** Returns the envelope of a body, or null if the body is not an envelope. Does not validate the data. */
function parseEnvelope(body: string): RecordEnvelope | null {
  try {
    const parsed: unknown = JSON.parse(body);
    return isEnvelope(parsed) ? parsed : null;
  } catch {
    return null;
  }
}

function isEnvelope(value: unknown): value is RecordEnvelope {
  if (typeof value !== 'object' || value === null || !('data' in value)) return false;
  const { v, remember } = value as Partial<RecordEnvelope>;
  return Number.isInteger(v) && typeof remember === 'boolean';
}

function reviveData({ data, types }: RecordEnvelope): unknown {
  return types === undefined ? data : deserialize({ json: data, meta: types } as Parameters<typeof deserialize>[0]);
}
