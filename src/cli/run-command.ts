import { parseArgs } from 'node:util';
import type { CommandContext } from './command-context.ts';
import { createSecret } from './create-secret.ts';
import { type DoctorOptions, runDoctor } from './doctor.ts';

const help = `Usage: trpc-session <command>

  doctor   Checks versions, the secret, Redis and the settings of Next in this folder.
             --secret NAME   the environment variable of the secret (SESSION_SECRET)
             --redis NAME    the environment variable of the Redis URL (REDIS_URL)
             --url URL       the address of the running app, to check what browsers get
  secret   Prints a new secret, for SESSION_SECRET.`;

/** Runs a command. Resolves to the exit code of the process: 0, 1 if a check failed, or 2 for a wrong call. */
export async function runCommand(args: readonly string[], context: CommandContext): Promise<number> {
  const call = parseCall(args);
  if (typeof call === 'string') {
    context.print(`${call}\n\n${help}`);
    return 2;
  }
  if (call.command === 'doctor') return runDoctor(call.options, context);
  context.print(call.command === 'secret' ? createSecret() : help);
  return 0;
}

interface Call {
  readonly command: 'doctor' | 'secret' | 'help';
  readonly options: DoctorOptions;
}

/** Returns what is wrong with the arguments as a text. */
function parseCall(args: readonly string[]): Call | string {
  try {
    const { values, positionals } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        secret: { type: 'string' },
        redis: { type: 'string' },
        url: { type: 'string' },
        help: { type: 'boolean' },
      },
    });
    const { help: wantsHelp, secret = 'SESSION_SECRET', redis = 'REDIS_URL', url } = values;
    const [command = 'help', ...rest] = wantsHelp ? [] : positionals;
    if (rest.length > 0 || !isCommand(command)) return `Unknown command: ${positionals.join(' ')}`;
    return { command, options: { secretVariable: secret, redisVariable: redis, url } };
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

function isCommand(name: string): name is Call['command'] {
  return ['doctor', 'secret', 'help'].includes(name);
}
