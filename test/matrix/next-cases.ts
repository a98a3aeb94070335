/** A version of Next, and how an app uses it. */
export interface NextCase {
  /** What the app asks npm for. `15` is the newest 15. */
  readonly next: string;
  readonly bundler: 'webpack' | 'turbopack';
  /** Stable releases offer Cache Components from 16.0. */
  readonly cacheComponents: boolean;
}

/** The oldest version comes first. Stable 15.2 cannot build with Turbopack. */
export const nextCases: readonly NextCase[] = [
  { next: '15.2', bundler: 'webpack', cacheComponents: false },
  { next: '15', bundler: 'webpack', cacheComponents: false },
  { next: '15', bundler: 'turbopack', cacheComponents: false },
  ...['16.0', '16'].flatMap((next) =>
    [false, true].flatMap((cacheComponents) => [
      { next, bundler: 'turbopack', cacheComponents } as const,
      { next, bundler: 'webpack', cacheComponents } as const,
    ]),
  ),
];

/** The versions that are tested with the Pages Router. */
export const pagesVersions = ['15.2', '15', '16'] as const;

/** Whether a version such as `15.5.29` is older than this major and minor version. */
export function isBefore(version: string, [major, minor]: readonly [number, number]): boolean {
  const [ownMajor = 0, ownMinor = 0] = version.split('.').map(Number);
  return ownMajor < major || (ownMajor === major && ownMinor < minor);
}

export function formatTitle({ next, bundler, cacheComponents }: NextCase): string {
  return `Next ${next}, ${bundler}${cacheComponents ? ', Cache Components' : ''}`;
}
