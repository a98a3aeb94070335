import { readFileSync } from 'node:fs';
import { checkPackage, createPackageFromTarballData, type Problem } from '@arethetypeswrong/core';
import { publint } from 'publint';
import { formatMessage } from 'publint/utils';

/** Resolves to what publint reports about a tarball: errors, warnings and suggestions. */
export async function findPackageProblems(tarball: string): Promise<readonly string[]> {
  const data = new Uint8Array(readFileSync(tarball));
  const { messages, pkg } = await publint({ pack: { tarball: data.buffer }, strict: true });
  return messages.map((message) => formatMessage(message, pkg, { color: false }) ?? message.code);
}

/** Resolves to what are-the-types-wrong reports about a tarball, except for what an ES module cannot offer. */
export async function findTypeProblems(tarball: string): Promise<readonly string[]> {
  const result = await checkPackage(createPackageFromTarballData(new Uint8Array(readFileSync(tarball))));
  if (!result.types) return ['The package has no types.'];
  return result.problems.filter((problem) => !isOfEsModules(problem)).map((problem) => JSON.stringify(problem));
}

/**
 * Whether every package of ES modules with several entry points has this problem. The resolution `node10` does not read
 * `exports`. The resolution `node16` refuses `require()` of an ES module, which Node 20.19 can load.
 */
function isOfEsModules(problem: Problem): boolean {
  if (problem.kind === 'NoResolution') return problem.resolutionKind === 'node10';
  return problem.kind === 'CJSResolvesToESM';
}
