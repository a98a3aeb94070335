import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** A file of the guide, in full, and whether the guide says to create or to change it. */
export interface GuideFile {
  readonly path: string;
  readonly code: string;
  readonly edit: FileEdit;
}

type FileEdit = 'create' | 'change';

const guide = fileURLToPath(new URL('../../docs/add-to-t3.md', import.meta.url));

/**
 * Returns the files of the guide in its order: each step has a heading that names the file, and a code block that begins
 * with a comment naming it again.
 *
 * @throws Error if a code block has no such heading, or names another file.
 */
export function readGuideFiles(): readonly GuideFile[] {
  const text = readFileSync(guide, 'utf8');
  const step =
    /^### \d+\. (Create|Change) `(\S+)`$(?:(?!^#|^```)[\s\S])*^```(?:js|tsx?)\n\/\/ (\S+)\n([\s\S]*?)^```$/gm;
  const files = [...text.matchAll(step)].map(([, verb, heading, path = '', code = '']): GuideFile => {
    if (path !== heading) throw new Error(`The guide shows ${path} under the heading of ${heading}.`);
    return { path, code, edit: verb === 'Create' ? 'create' : 'change' };
  });
  if (files.length === text.match(/^```(?:js|tsx?)$/gm)?.length) return files;
  throw new Error('A code block of the guide is not under a heading that says to create or to change its file.');
}

/** Returns the rows of the guide's overview: the steps that it announces. */
export function readGuideOverview(): readonly (Omit<GuideFile, 'code'> & { readonly step: number })[] {
  const row = /^\| (\d+) \| `(\S+)` \| (create|change) \|/gm;
  return [...readFileSync(guide, 'utf8').matchAll(row)].map(([, step, path = '', edit]) => ({
    step: Number(step),
    path,
    edit: edit as FileEdit,
  }));
}

/** Returns the shell commands that come before the first step: they install the packages and write `.env`. */
export function readGuideCommands(): readonly string[] {
  const [before = ''] = readFileSync(guide, 'utf8').split('\n### ');
  return [...before.matchAll(/^```sh\n([\s\S]*?)^```$/gm)].map(([, commands = '']) => commands);
}
