import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { cacheLife } from 'next/cache';

/** Shows app/session.ts. The file is read during the build, so the page always shows the current code. */
export async function SourceFile() {
  'use cache';
  cacheLife('max');
  const text = await readFile(join(process.cwd(), 'app/session.ts'), 'utf8');
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls sideways, so keyboard users must be able to focus it
    <pre className="source" tabIndex={0}>
      <code>{text.trimEnd().split('\n').map(renderLine)}</code>
    </pre>
  );
}

function renderLine(text: string, index: number) {
  const isComment = text.trimStart().startsWith('//');
  return (
    <span key={index} className={isComment ? 'comment' : undefined}>
      {`${text}\n`}
    </span>
  );
}
