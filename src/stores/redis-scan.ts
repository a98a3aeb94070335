import type { KeyPage } from '../core/ports/store.ts';
import type { ScanCommand } from '../core/ports/store-commands.ts';
import type { Cancellation, RedisAdapter } from './redis-adapter.ts';
import { parseKeyPage } from './redis-replies.ts';

/** How many keys Redis visits for one page, those of other apps included. */
const keysPerPage = '500';

/**
 * Reads one page of keys. A Cluster is scanned one node after another. The cursor is that of a node and the node's address.
 */
export async function scanKeys(
  adapter: RedisAdapter,
  { start, cursor }: ScanCommand,
  cancellation: Cancellation,
): Promise<KeyPage> {
  const nodes = await adapter.listNodes(start, cancellation);
  const sorted = nodes.toSorted((a, b) => (a.address < b.address ? -1 : 1));
  const [position = '0', address = sorted[0]?.address] = cursor?.split(' ') ?? [];
  const at = sorted.findIndex((node) => node.address === address);
  const node = sorted[at];
  // Its replica has other cursors. With one of them, the scan could leave out keys.
  if (!node) throw new Error('A node has left the Cluster since the scan began. Start again.');
  const pattern = `${escapePattern(node.keyPrefix + start)}*`;
  const reply = await node.send(['SCAN', position, 'MATCH', pattern, 'COUNT', keysPerPage, 'TYPE', 'hash']);
  const page = parseKeyPage(reply, node.keyPrefix, start);
  const next = page.position === '0' ? sorted[at + 1] : node;
  return { keys: page.keys, cursor: next ? `${page.position} ${next.address}` : null };
}

function escapePattern(text: string): string {
  return text.replace(/[\\*?[\]]/g, '\\$&');
}
