/** What one check found. */
export interface Finding {
  readonly level: 'ok' | 'warning' | 'error';
  readonly text: string;
  /** What to do. */
  readonly remedy?: string;
}

export function formatFinding({ level, text, remedy }: Finding): string {
  const line = `${{ ok: 'ok     ', warning: 'warning', error: 'error  ' }[level]}  ${text}`;
  return remedy === undefined ? line : `${line}\n         ${remedy}`;
}
