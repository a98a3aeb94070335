/** A version of Next, and how an app uses it. */
export interface NextCase {
  readonly next: string;
  readonly bundler: 'webpack' | 'turbopack';
  /** Stable releases offer Cache Components from 16.0. */
  readonly cacheComponents: boolean;
}

/** The oldest version comes first. Stable 15.2 cannot build with Turbopack. */
export const nextCases: readonly NextCase[] = [
  { next: '15.2.9', bundler: 'webpack', cacheComponents: false },
  { next: '15.5.29', bundler: 'webpack', cacheComponents: false },
  { next: '15.5.29', bundler: 'turbopack', cacheComponents: false },
  ...['16.0.11', '16.4.6'].flatMap((next) =>
    [false, true].flatMap((cacheComponents) => [
      { next, bundler: 'turbopack', cacheComponents } as const,
      { next, bundler: 'webpack', cacheComponents } as const,
    ]),
  ),
];

export function isBefore(version: string, [major, minor]: readonly [number, number]): boolean {
  const [ownMajor = 0, ownMinor = 0] = version.split('.').map(Number);
  return ownMajor < major || (ownMajor === major && ownMinor < minor);
}

export function formatTitle({ next, bundler, cacheComponents }: NextCase): string {
  return `Next ${next}, ${bundler}, ${cacheComponents ? 'with' : 'without'} Cache Components`;
}
