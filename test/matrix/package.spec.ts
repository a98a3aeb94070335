import { expect } from '@playwright/test';
import { findPackageProblems, findTypeProblems } from './package-checks.ts';
import { noteInstalledVersion } from './package-project.ts';
import { tableRow, test } from './package-test.ts';

test('publint finds no problem in the package', tableRow, async ({ tarball }) => {
  noteInstalledVersion('publint');
  expect(await findPackageProblems(tarball)).toEqual([]);
});

test('are-the-types-wrong finds no problem in the types', tableRow, async ({ tarball }) => {
  noteInstalledVersion('@arethetypeswrong/core');
  expect(await findTypeProblems(tarball)).toEqual([]);
});
