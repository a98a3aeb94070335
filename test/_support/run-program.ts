import { type ExecFileOptions, execFile } from 'node:child_process';
import { promisify } from 'node:util';

/** Runs a program. Resolves to its output. If it fails, the error contains its output. */
export async function runProgram(
  command: string,
  args: readonly string[],
  options: ExecFileOptions = {},
): Promise<string> {
  try {
    return String((await promisify(execFile)(command, args, options)).stdout);
  } catch (error) {
    if (error instanceof Error && 'stdout' in error) error.message += `\n${error.stdout}`;
    throw error;
  }
}

/** The environment without the variables of the npm and of the test runner that run this test. */
export function createProgramEnv(added: Readonly<Record<string, string>> = {}): NodeJS.ProcessEnv {
  const inherited = Object.entries(process.env).filter(([name]) => !/^(npm_|NODE_ENV$|NODE_OPTIONS$)/i.test(name));
  return { ...Object.fromEntries(inherited), ...added } as unknown as NodeJS.ProcessEnv;
}
