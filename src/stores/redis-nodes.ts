import type { RedisNode } from './redis-adapter.ts';

type Reply = Promise<unknown>;

/** The part of a client of ioredis that its nodes are found with. A Cluster has `nodes`. */
interface IoredisNodes {
  readonly options?: { readonly keyPrefix?: string; readonly host?: string; readonly port?: number };
  nodes?(role: 'master'): readonly IoredisNodes[];
  hmget(key: string, ...fields: string[]): Reply;
  pipeline(commands: unknown[][]): { exec(): Promise<[error: Error | null, reply: unknown][] | null> };
}

/**
 * Returns the primaries of a client of ioredis.
 *
 * @param key A key that the client may read. A Cluster finds its nodes with its first command.
 */
export async function listIoredisNodes(client: object, key: string): Promise<readonly RedisNode[]> {
  const source = client as IoredisNodes;
  const keyPrefix = source.options?.keyPrefix ?? '';
  if (source.nodes) await source.hmget(key, '');
  const nodes = source.nodes?.('master') ?? [source];
  return nodes.map((node) => ({
    address: source.nodes ? `${node.options?.host}:${node.options?.port}` : '',
    keyPrefix,
    send: async ([name = '', ...values]) => {
      const [[error, reply] = [null, undefined]] =
        (await node.pipeline([[name.toLowerCase(), ...values]]).exec()) ?? [];
      if (error) throw error;
      return reply;
    },
  }));
}

/** The part of a client of the `redis` package that its nodes are found with. A Cluster has `masters`. */
interface NodeRedisNodes {
  readonly masters?: readonly { readonly address: string }[];
  nodeClient(node: object): Promise<NodeRedisNodes>;
  getMasterNode?(): unknown;
  sendCommand(...call: readonly unknown[]): Reply;
}

/** Replies are text, whatever the options of the client say. */
const commandOptions = { timeout: 0, typeMapping: {} };

/** Returns the primaries of a connected client of the `redis` package. */
export function listNodeRedisNodes(client: object, keyPrefix: string): readonly RedisNode[] {
  const source = client as NodeRedisNodes;
  if (!source.masters) {
    const routing = source.getMasterNode ? [false] : [];
    return [{ address: '', keyPrefix, send: (words) => source.sendCommand(...routing, words, commandOptions) }];
  }
  return source.masters.map((node) => ({
    address: node.address,
    keyPrefix,
    send: async (words) => (await source.nodeClient(node)).sendCommand(words, commandOptions),
  }));
}
