import type { RunnerTestFile, RunnerTestSuite } from 'vitest';
import { readMarkdown, readTable } from './markdown.ts';

const readme = readMarkdown('test/integration/README.md');

/** The suite that checks README.md itself, and so is not listed there. */
export const evidenceSuite = 'README.md';

/** The tests that README.md lists for a file, as `suite › test`. */
export function readListedTests(file: string): readonly string[] {
  return readTable(readme, `\`${file}\``).flatMap(([suite, tests = '']) =>
    tests.split(' · ').map((test) => `${suite} › ${test}`),
  );
}

/** The tests of a file, except those of the suite that checks README.md. */
export function listTests(file: RunnerTestFile): readonly string[] {
  const suites = file.tasks.filter((task) => task.type === 'suite' && task.name !== evidenceSuite);
  return (suites as RunnerTestSuite[]).flatMap((suite) => suite.tasks.map((task) => `${suite.name} › ${task.name}`));
}

/** One row of the table of faults. */
export interface ListedFault {
  /** `F1`, `F2` and so on. */
  readonly number: string;
  readonly fault: string;
  /** Paths of test files from the root of the repository. */
  readonly files: readonly string[];
  /** Why no test proves it, where that is so. */
  readonly notAutomated: string | undefined;
}

export function readListedFaults(): readonly ListedFault[] {
  return readTable(readme, 'Faults').map(([number = '', fault = '', proof = '']) => {
    const [, notAutomated] = /^not automated: (.+)/.exec(proof) ?? [];
    const files = Array.from(proof.matchAll(/`([\w./-]+\.(?:test|spec)\.ts)`/g), ([, file = '']) =>
      file.includes('/') ? file : `test/integration/faults/${file}`,
    );
    return { number, fault, files: notAutomated === undefined ? files : [], notAutomated };
  });
}

/** Whether README.md names this test file. */
export function isListedFile(file: string): boolean {
  return readme.includes(`\`${file}\``);
}
