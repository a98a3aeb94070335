import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** The root folder of the repository. */
export const root = fileURLToPath(new URL('../..', import.meta.url));

export function readMarkdown(path: string): string {
  return readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8');
}

/** The rows of the table in one section, each as its cells. The header row is left out. */
export function readTable(markdown: string, heading: string): readonly (readonly string[])[] {
  const [, section] = markdown.split(`# ${heading}\n`);
  if (section === undefined) throw new Error(`There is no section "${heading}"`);
  const [text = ''] = section.split(/^#/m);
  const lines = text.split('\n').filter((line) => line.startsWith('| ') && !line.startsWith('| ---'));
  return lines.slice(1).map((line) =>
    line
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim()),
  );
}
