import type { Redis } from 'ioredis';

/** One command as the server ran it. */
export interface SeenCommand {
  /** In lower case. */
  readonly name: string;
  readonly args: readonly string[];
  /** True if a client sent it, false if a script ran it. */
  readonly sent: boolean;
}

/** Resolves to the commands that the server runs during `work`, in order, without those that open connections. */
export async function recordCommands(client: Redis, work: () => Promise<unknown>): Promise<readonly SeenCommand[]> {
  const seen: SeenCommand[] = [];
  const monitor = await client.monitor();
  const marker = `marker-${seen.length}-${performance.now()}`;
  const marked = new Promise<void>((resolve) => {
    monitor.on('monitor', (_time: string, [name = '', ...args]: string[], source: string) => {
      if (args[0] === marker) resolve();
      else if (!connectionCommands.test(name)) seen.push({ name: name.toLowerCase(), args, sent: source !== 'lua' });
    });
  });
  try {
    await work();
    await client.echo(marker);
    await marked;
  } finally {
    monitor.disconnect();
  }
  return seen;
}

const connectionCommands = /^(info|hello|auth|select|client|ping|monitor)$/i;
