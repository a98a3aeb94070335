// Slow: iron-session opens thousands of seals. For more: SEAL_CASES=100000 npm run test:unit -- test/transports/seal
import { createHash, hkdfSync, randomInt } from 'node:crypto';
import { sealData, unsealData } from 'iron-session';
import { describe, expect, test } from 'vitest';
import { createSealRing } from '../../src/transports/seal.ts';

const caseCount = Number(process.env.SEAL_CASES ?? 2_000);
const secrets = ['a first secret of these tests 0123456789', 'a second secret of these tests 987654321'];
const ring = createSealRing({ secrets: () => secrets, prefix: 'test:', production: () => false }, 'ssid');
const characters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_*~=. ';

/** The id and the password of each secret, derived a second time. */
const entries = secrets.map((secret): [string, string] => {
  const purpose = '22:trpc-session cookie v14:ssid5:test:';
  const password = Buffer.from(hkdfSync('sha256', secret, '', purpose, 32)).toString('base64url');
  return [String(createHash('sha256').update(`id:${password}`).digest().readUInt32BE() >>> 1), password];
});
const passwords = Object.fromEntries(entries);

const pick = <Value>(values: readonly Value[]): Value => values[randomInt(values.length)] as Value;
const createText = (): string => Buffer.from(crypto.getRandomValues(new Uint8Array(54))).toString('base64url');

/** What may be sealed with the app's passwords: mostly tokens, and values that no version of this library seals. */
function createValue(): unknown {
  if (randomInt(4) > 0) return createText();
  const token = createText();
  return pick<unknown>([
    `${token}@example.com/`,
    `\ufeff${token}`,
    [token],
    { token },
    null,
    5,
    '',
    `${token}é\u{1f600}`,
  ]);
}

/** Each changes one thing about a seal; `other` is another valid seal. */
const mutations: readonly ((seal: string, other: string) => string)[] = [
  (seal) => seal,
  (seal) => replaceAt(seal, randomInt(seal.length), pick([...characters])),
  (seal) => replaceAt(seal, randomInt(seal.length), ''),
  (seal) => replaceAt(seal, randomInt(seal.length), `${pick([...characters])}${pick([...characters])}`),
  (seal) => replaceAt(seal, seal.length - 3, pick([...characters])),
  (seal, other) => swapPart(seal, other, randomInt(8)),
  (seal, other) => swapPart(swapPart(seal, other, 6), other, 7),
  (seal, other) => swapPart(swapPart(seal, other, 3), other, 4),
  (seal) => seal.toLowerCase(),
  (seal) => `${seal.slice(0, -1)}${pick(['1', '3', '', '22', '2~2'])}`,
  (seal) => seal.replace('**', `*${Date.now() + 60_000}*`),
];

function replaceAt(text: string, at: number, by: string): string {
  return text.slice(0, at) + by + text.slice(at + 1);
}

function swapPart(seal: string, other: string, at: number): string {
  const parts = seal.split('*');
  parts[at] = other.split('*')[at] ?? '';
  return parts.join('*');
}

async function openWithIronSession(seal: string): Promise<string | null> {
  try {
    const opened: unknown = await unsealData(seal, { password: passwords, ttl: 0 });
    return typeof opened === 'string' ? opened : null;
  } catch {
    return null;
  }
}

describe('a seal', () => {
  test(`is accepted and refused as by iron-session, in ${caseCount} random cases`, async () => {
    const createSeal = () => sealData(createValue(), { password: Object.fromEntries([pick(entries)]), ttl: 0 });
    const counts = { accepted: 0, refused: 0 };
    let other = await createSeal();
    for (let n = 0; n < caseCount; n += 1) {
      const valid = n % 4 === 0 ? await createSeal() : other;
      const seal = pick(mutations)(valid, other);
      other = valid;
      const found = ring.open(seal);
      // iron-session also opens seals that this library never writes, such as those with an expiration.
      const expected = ring.isSeal(seal) ? await openWithIronSession(seal) : null;
      expect([seal, found]).toEqual([seal, expected]);
      counts[found === null ? 'refused' : 'accepted'] += 1;
    }
    expect(counts.accepted).toBeGreaterThan(caseCount / 50);
    expect(counts.refused).toBeGreaterThan(caseCount / 2);
  }, 600_000);

  test('that the ring made is opened by iron-session, and names the newest secret', async () => {
    const text = createText();
    const seal = await ring.seal(text);
    expect(await openWithIronSession(seal)).toBe(text);
    expect(ring.open(seal)).toBe(text);
    expect(seal.split('*')[1]).toBe(entries[0]?.[0]);
  });

  test('of another app names no secret of the ring', async () => {
    const other = createSealRing({ secrets: () => secrets, prefix: 'other:', production: () => false }, 'ssid');
    const seal = await other.seal(createText());
    expect([ring.isSeal(seal), ring.isOwn(seal), ring.open(seal)]).toEqual([true, false, null]);
  });

  test('that one copy of the module has opened is known to the others', async () => {
    const seal = await ring.seal(createText());
    const copy = createSealRing({ secrets: () => secrets, prefix: 'test:', production: () => false }, 'ssid');
    expect(copy.findOpened(seal)).toBe(ring.open(seal));
    const stranger = createSealRing({ secrets: () => secrets, prefix: 'test:', production: () => false }, 'sid');
    expect(stranger.findOpened(seal)).toBeUndefined();
  });
});
