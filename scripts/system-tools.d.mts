export type ToolName = 'redis' | 'valkey' | 'chromium';
export function findTool(name: ToolName): string | undefined;
export function requireTool(name: ToolName): string;
export function ensureTools(): Record<string, string>;
