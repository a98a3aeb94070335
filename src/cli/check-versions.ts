import { findVersion } from './app-files.ts';
import type { Finding } from './finding.ts';

/** A range of versions: `from` and newer, but older than `before`. */
interface VersionRange {
  readonly from: string;
  readonly before?: string;
}

/** The versions that the library works with. A test holds them equal to the manifest. */
export const supportedVersions: Readonly<Record<string, VersionRange>> = {
  '@trpc/server': { from: '11.8.0', before: '12' },
  '@trpc/client': { from: '11.8.0', before: '12' },
  next: { from: '15.2.0' },
  react: { from: '19' },
  ioredis: { from: '5.11.0', before: '7' },
  redis: { from: '5.0.0', before: '7' },
};

export const oldestNode = '20.19.0';

export function checkVersions(folder: string): readonly Finding[] {
  const node = process.versions.node;
  const packages = Object.entries(supportedVersions).map(([name, range]) => ({
    name,
    range,
    version: findVersion(folder, name),
  }));
  return [
    checkVersion('Node.js', node, { from: oldestNode }),
    ...packages.flatMap(({ name, range, version }) => (version === null ? [] : [checkVersion(name, version, range)])),
  ];
}

function checkVersion(name: string, version: string, { from, before }: VersionRange): Finding {
  const isTooOld = compareVersions(version, from) < 0;
  const isTooNew = before !== undefined && compareVersions(version, before) >= 0;
  if (!isTooOld && !isTooNew) return { level: 'ok', text: `${name} ${version}` };
  const wanted = before === undefined ? `${from} or newer` : `${from} or newer, and older than ${before}`;
  return { level: 'error', text: `${name} ${version} is not supported.`, remedy: `Install ${wanted}.` };
}

/** Compares the numbers of two versions. A pre-release counts as its release. */
export function compareVersions(one: string, other: string): number {
  const [left, right] = [one, other].map((version) => version.split(/[.-]/).slice(0, 3).map(Number));
  const differences = [0, 1, 2].map((at) => (left?.[at] || 0) - (right?.[at] || 0));
  return differences.find((difference) => difference !== 0) ?? 0;
}
