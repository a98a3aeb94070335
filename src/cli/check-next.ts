import { findVersion, readText } from './app-files.ts';
import { compareVersions } from './check-versions.ts';
import type { Finding } from './finding.ts';

/** Checks the settings of Next. In an app without Next, finds nothing. */
export function checkNext(folder: string): readonly Finding[] {
  const version = findVersion(folder, 'next');
  if (version === null) return [];
  const config = readText(folder, 'next.config.ts', 'next.config.mjs', 'next.config.js') ?? '';
  return [...checkProxy(folder, version), ...checkConfig(folder, config)];
}

function checkProxy(folder: string, version: string): readonly Finding[] {
  const hasProxyFile = compareVersions(version, '16') >= 0;
  const middleware = readText(folder, ...listNames('middleware'));
  const proxy = readText(folder, ...listNames('proxy'));
  if (proxy !== null && !hasProxyFile) {
    const remedy = 'Name the file middleware.ts, and its function middleware.';
    return [{ level: 'error', text: `Next ${version} ignores proxy.ts.`, remedy }];
  }
  if (middleware === null || !/trpc-session|hasToken|sessionProxy/.test(middleware)) return [];
  if (/runtime:\s*['"]nodejs['"]/.test(middleware)) return [{ level: 'ok', text: 'middleware.ts runs on Node.js' }];
  const text = 'middleware.ts runs on the edge runtime, which has no node:crypto.';
  if (hasProxyFile) return [{ level: 'error', text, remedy: 'Rename it to proxy.ts, which runs on Node.js.' }];
  const remedy =
    compareVersions(version, '15.5') >= 0
      ? "Add `runtime: 'nodejs'` to its config."
      : 'Use requireSession() in the page instead, or Next 15.5.';
  return [{ level: 'error', text, remedy }];
}

function checkConfig(folder: string, config: string): readonly Finding[] {
  const findings: Finding[] = [];
  if (/output:\s*['"]export['"]/.test(config)) {
    findings.push({
      level: 'error',
      text: "`output: 'export'` makes an app without a server, which cannot have sessions.",
    });
  }
  const hasForbidden = readText(folder, 'app/forbidden.tsx', 'src/app/forbidden.tsx') !== null;
  if (hasForbidden && !/authInterrupts:\s*true/.test(config)) {
    const remedy = 'Add `experimental: { authInterrupts: true }` to the config of Next.';
    findings.push({ level: 'warning', text: 'forbidden.tsx is not shown to refused visitors.', remedy });
  }
  return findings;
}

function listNames(name: string): readonly string[] {
  return ['', 'src/'].flatMap((place) => ['ts', 'js', 'mjs'].map((extension) => `${place}${name}.${extension}`));
}
