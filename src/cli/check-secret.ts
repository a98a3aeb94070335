import { isSessionError } from '../core/errors.ts';
import { parseSecrets } from '../core/record/secret.ts';
import type { Finding } from './finding.ts';

const secretAdvice = 'Make one with `npx trpc-session secret`.';

/** Checks a secret without ever showing it. */
export function checkSecret(variable: string, value: string | undefined, isProduction: boolean): readonly Finding[] {
  if (!value) {
    const text = `${variable} is not set.`;
    if (isProduction) return [{ level: 'error', text, remedy: secretAdvice }];
    return [{ level: 'warning', text: `${text} In production, it is required.`, remedy: secretAdvice }];
  }
  try {
    const { length } = parseSecrets(value);
    return [
      { level: 'ok', text: length === 1 ? `${variable} is a good secret` : `${variable} has ${length} good secrets` },
    ];
  } catch (error) {
    if (!isSessionError(error)) throw error;
    return [{ level: 'error', text: `${variable} cannot be used. ${error.message}` }];
  }
}
