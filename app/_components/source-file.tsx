import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { cacheLife } from 'next/cache';

/** A source file of this app, as it is: read while building, so that the page cannot show anything out of date. */
export async function SourceFile() {
  'use cache';
  cacheLife('max');
  const text = await readFile(join(process.cwd(), 'app/session.ts'), 'utf8');
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls sideways, so a keyboard must be able to reach it
    <pre className="source" tabIndex={0}>
      <code>{text.trimEnd().split('\n').map(line)}</code>
    </pre>
  );
}

function line(text: string, index: number) {
  const isComment = text.trimStart().startsWith('//');
  return (
    <span key={index} className={isComment ? 'comment' : undefined}>
      {`${text}\n`}
    </span>
  );
}
