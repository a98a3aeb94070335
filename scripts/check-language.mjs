/**
 * Counts how the code is named and worded, prints the numbers, and fails when one of them is out of bounds. The
 * measures: functions start with a verb, a name means one thing, and no archaic words reach a reader.
 */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const leastVerbShare = 0.7;
/** A function name starts with one of these. Real verbs may be added. */
const verbs =
  `accept add adopt aim allow append apply approve assert attempt await batch begin bind broadcast build call can check
  clear close collect combine compare compile compute connect contains convert copy count create decode decorate deep
  dehydrate define delete deliver deny derive describe destroy detect drop emit encode end ensure enter exchange execute
  expect expire explain export extract fetch fill filter find flatten forbid forget form format freeze generate get
  group guess handle has hash hide hydrate ignore inject inspect insert invoke is isolate issue iterate join judge keep
  learn lift list listen load locate log make map mark match matches measure memoize merge miss move name narrow
  normalize notify omit open order parse pass patch peek perform pick pin place plan prepare present probe prove
  provide publish push put race read receive record redirect refetch refuse regenerate register reject release remove
  rename render replace reply report require reserve reset resolve respond restore retry return revive revoke run
  sanitize save say schedule seal send serialize set shallow should show sign skip sort split start stop store stream
  stringify strip subscribe switch take tell throw to touch track transform translate trim try turn undo unescape
  unseal update use validate verify wait warn watch with wrap write`.split(/\s+/);
/** Words that a second reading is needed for. What to write instead: CONTRIBUTING.md. */
const archaic = /\b(nobody|somebody|whoever|anew|lest|thereof|save that|for want of|twice is fine)\b/i;

const files = execFileSync('git', ['ls-files', '-co', '--exclude-standard'], { cwd: root, encoding: 'utf8' })
  .split('\n')
  .filter((path) => !path.startsWith('test/fixtures/') && path !== 'scripts/check-language.mjs');
const sources = files.flatMap((path) => {
  try {
    return [{ path, text: readFileSync(root + path, 'utf8') }];
  } catch {
    return []; // Deleted, and not committed yet.
  }
});
const code = sources.filter(({ path }) => /^src\/.*\.tsx?$/.test(path));
const prose = sources.filter(({ path }) => /^(src|docs|app)\/.*\.(tsx?|md)$|^[^/]+\.md$/.test(path));
const tests = sources.filter(({ path }) => /^test\/.*\.tsx?$/.test(path));

const functions = namesOf(/^(?:export )?(?:async )?function\*? (\w+)/gm);
const startsWithVerb = new RegExp(`^(${verbs.join('|')})(?=[A-Z]|$)`);
const withVerb = functions.filter(({ name }) => startsWithVerb.test(name));
const verbShare = withVerb.length / functions.length;

const findings = {
  'functions named xOf': functions.filter(({ name }) => /[a-z]Of$/.test(name) && name !== 'anyOf').map(show),
  'functions named by a bare participle': functions
    .filter(({ name }) => /^[a-z]+(ed|ing|en|told)$/.test(name) && !startsWithVerb.test(name))
    .map(show),
  'names declared in two files': declaredTwice(),
  'lines with archaic words': prose.flatMap(({ path, text }) => archaicLines(path, text)),
  'test titles with archaic words': tests.flatMap(({ path, text }) => archaicLines(path, titlesOf(text))),
};

console.log(`functions in src: ${functions.length}, ${Math.round(verbShare * 100)} % start with a verb`);
for (const [what, found] of Object.entries(findings)) {
  console.log(`${what}: ${found.length}`);
  for (const line of found) console.log(`  ${line}`);
}
if (process.argv.includes('--nouns')) {
  console.log(
    functions
      .filter((one) => !withVerb.includes(one))
      .map(show)
      .join('\n'),
  );
}
const isBad = verbShare < leastVerbShare || Object.values(findings).some(({ length }) => length > 0);
process.exitCode = isBad ? 1 : 0;

function namesOf(pattern) {
  return code.flatMap(({ path, text }) => Array.from(text.matchAll(pattern), ([, name]) => ({ name, path })));
}

function show({ name, path }) {
  return `${name} (${path})`;
}

function declaredTwice() {
  const kinds = 'function\\*?|class|interface|type|const|let';
  const byName = new Map();
  for (const { name, path } of namesOf(new RegExp(`^(?:export )?(?:declare )?(?:async )?(?:${kinds}) (\\w+)`, 'gm'))) {
    byName.set(name, (byName.get(name) ?? new Set()).add(path));
  }
  return [...byName].filter(([, { size }]) => size > 1).map(([name, paths]) => `${name} (${[...paths].join(', ')})`);
}

function archaicLines(path, text) {
  return text.split('\n').flatMap((line, at) => (archaic.test(line) ? [`${path}:${at + 1}: ${line.trim()}`] : []));
}

/** The titles of tests, each on the line that it has in the file. */
function titlesOf(text) {
  const isTitle =
    /^\s*(?:(?:describe|test|it)\b[^'"`]*(['"`])(.*?)\1|(['"`])(.*?)\3[,:] (?:async )?\(|(['"`])(.*?)\5,$)/;
  return text
    .split('\n')
    .map(
      (line) =>
        isTitle
          .exec(line)
          ?.slice(1)
          .find((part) => part && part.length > 1) ?? '',
    )
    .join('\n');
}
