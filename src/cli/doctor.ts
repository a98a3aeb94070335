import { readEnvironment } from './app-files.ts';
import { checkAddress } from './check-address.ts';
import { checkNext } from './check-next.ts';
import { checkRedis } from './check-redis.ts';
import { checkSecret } from './check-secret.ts';
import { checkVersions } from './check-versions.ts';
import type { CommandContext } from './command-context.ts';
import { type Finding, formatFinding } from './finding.ts';

export interface DoctorOptions {
  readonly secretVariable: string;
  readonly redisVariable: string;
  readonly url: string | undefined;
}

/** Prints what each check found. Resolves to 1 if there is an error, otherwise to 0. */
export async function runDoctor(options: DoctorOptions, { print, ...context }: CommandContext): Promise<number> {
  const env = readEnvironment(context);
  const { secretVariable, redisVariable, url } = options;
  const findings: readonly Finding[] = [
    ...checkVersions(context.folder),
    ...checkSecret(secretVariable, env[secretVariable], env.NODE_ENV === 'production'),
    ...(await checkRedis(redisVariable, env)),
    ...checkNext(context.folder),
    ...(url === undefined ? [] : await checkAddress(url)),
  ];
  for (const finding of findings) print(formatFinding(finding));
  const count = findings.filter(({ level }) => level === 'error').length;
  print(count === 0 ? '\nNo error found.' : `\n${count === 1 ? '1 error' : `${count} errors`} found.`);
  return count === 0 ? 0 : 1;
}
