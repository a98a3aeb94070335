import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
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

/** The links of a page to files and headings of this repository that do not exist. */
export function findBrokenLinks(page: string): readonly string[] {
  const links = readMarkdown(page).matchAll(/\]\((?!https?:)([^)#]*)(?:#([^)]+))?\)/g);
  return Array.from(links)
    .filter(([, path = '', anchor]) => {
      const target = path === '' ? page : join(dirname(page), path);
      if (!existsSync(join(root, target))) return true;
      return anchor !== undefined && !listAnchors(readMarkdown(target)).includes(anchor);
    })
    .map(([link]) => link);
}

/** The anchors that GitHub gives to the headings. */
function listAnchors(markdown: string): readonly string[] {
  const headings = Array.from(markdown.matchAll(/^#+ (.+)$/gm), ([, heading = '']) => heading);
  return headings.map((heading) =>
    heading
      .toLowerCase()
      .replace(/[^\w -]/g, '')
      .replaceAll(' ', '-'),
  );
}
