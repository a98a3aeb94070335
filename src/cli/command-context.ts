/** What a command works with. */
export interface CommandContext {
  readonly print: (line: string) => void;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The folder of the app. */
  readonly folder: string;
}
