/**
 * Checks names and words: functions start with a verb, a name has one meaning, and the language is modern. Prints the
 * numbers and each finding. With `--nouns`, lists the functions that do not start with a verb.
 */
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const minVerbShare = 0.7;
/** The verbs that a function name may start with. Real verbs may be added. */
const verbs =
  `accept add adopt aim allow append apply approve assert attempt await batch begin bind broadcast build call can check
  clear close collect combine compare compile compute connect contains convert copy count create decode decorate
  dehydrate define delete deliver deny derive describe destroy detect drop emit encode end ensure enter exchange execute
  expect expire explain export extract fetch fill filter find flatten forbid forget form format freeze generate get
  group guess handle has hash hide hydrate ignore inject inspect insert invoke is isolate issue iterate join judge keep
  learn lift list listen load locate log make map mark match matches measure memoize merge miss move name narrow
  normalize notify omit open order parse pass patch peek perform pick pin place plan prepare present probe prove
  provide publish push put race read receive record redirect refetch refuse regenerate register reject release remove
  rename render replace reply report require reserve reset resolve respond restore retry return revive revoke run
  sanitize save say schedule seal send serialize set should show sign skip sort split start stop store stream
  stringify strip subscribe switch take tell throw to touch track transform translate trim try turn undo unescape
  unseal update use validate verify wait warn watch with wrap write`.split(/\s+/);
/** Words that most readers have to read twice. CONTRIBUTING.md says what to write instead. */
const archaic = /\b(nobody|somebody|whoever|anew|lest|thereof|save that|for want of|twice is fine|of ours|doors?)\b/i;

const files = execFileSync('git', ['ls-files', '-co', '--exclude-standard'], { cwd: root, encoding: 'utf8' })
  .split('\n')
  .filter((path) => /^(src|app|docs|test|bench|scripts)\/|^[^/]+$/.test(path) && /\.(tsx?|mjs|md)$/.test(path))
  .filter((path) => !path.startsWith('test/fixtures/') && path !== 'scripts/check-language.mjs')
  // A deleted file is listed until the deletion is committed.
  .filter((path) => existsSync(root + path))
  .map((path) => ({ path, text: readFileSync(root + path, 'utf8') }));

const functions = collectNames(
  /^\s*(?:export )?(?:async )?function\*? (\w+)|^(?:export )?const (\w+) = (?:async )?(?:\([^)]*\)|\w+)(?:: [^=]+)? =>/gm,
);
const functionsOfSrc = functions.filter(isInSrc);
const withVerb = functionsOfSrc.filter(startsWithVerb);
const verbShare = withVerb.length / functionsOfSrc.length;

const findings = {
  'functions named xOf': functions.filter(({ name }) => /[a-z]Of$/.test(name) && name !== 'anyOf').map(format),
  'functions named by a bare participle': functionsOfSrc
    .filter((one) => /^[a-z]+(ed|ing|en|told)$/.test(one.name) && !startsWithVerb(one))
    .map(format),
  'names declared in two files': findDuplicates(),
  'lines with archaic words': files.flatMap(findArchaicLines),
};

console.log(`functions in src: ${functionsOfSrc.length}, ${Math.round(verbShare * 100)} % start with a verb`);
for (const [what, found] of Object.entries(findings)) {
  console.log(`${what}: ${found.length}`);
  for (const line of found) console.log(`  ${line}`);
}
if (process.argv.includes('--nouns')) {
  for (const one of functionsOfSrc) if (!startsWithVerb(one)) console.log(format(one));
}
const hasFindings = Object.values(findings).some(({ length }) => length > 0);
process.exitCode = verbShare < minVerbShare || hasFindings ? 1 : 0;

/** Collects the names that a pattern captures in all TypeScript and JavaScript files. */
function collectNames(pattern) {
  const code = files.filter(({ path }) => !path.endsWith('.md'));
  return code.flatMap(({ path, text }) =>
    Array.from(text.matchAll(pattern), ([, ...groups]) => ({ name: groups.find(Boolean), path })),
  );
}

function isInSrc({ path }) {
  return path.startsWith('src/');
}

function startsWithVerb({ name }) {
  return new RegExp(`^(${verbs.join('|')})(?=[A-Z]|$)`).test(name);
}

function format({ name, path }) {
  return `${name} (${path})`;
}

function findDuplicates() {
  const kinds = 'function\\*?|class|interface|type|const|let';
  const declaration = new RegExp(`^(?:export )?(?:declare )?(?:async )?(?:${kinds}) (\\w+)`, 'gm');
  const byName = new Map();
  for (const { name, path } of collectNames(declaration).filter(isInSrc)) {
    byName.set(name, (byName.get(name) ?? new Set()).add(path));
  }
  return [...byName].filter(([, { size }]) => size > 1).map(([name, paths]) => `${name} (${[...paths].join(', ')})`);
}

function findArchaicLines({ path, text }) {
  return text.split('\n').flatMap((line, at) => (archaic.test(line) ? [`${path}:${at + 1}: ${line.trim()}`] : []));
}
