import type { OpenApiDocument } from 'trpc-session/openapi';

type Operation = OpenApiDocument['paths'][string][string];

/** A closed operation shows its summary. The procedures here say one thing each, and the document adds what guards ask. */
export function withSummaries(document: OpenApiDocument): OpenApiDocument {
  const paths = Object.entries(document.paths).map(([path, methods]) => {
    const operations = Object.entries(methods).map(([method, operation]) => [method, summedUp(operation)]);
    return [path, Object.fromEntries(operations)];
  });
  return { ...document, paths: Object.fromEntries(paths) };
}

/** The first paragraph of the description, which is then not said twice. */
function summedUp(operation: Operation): Operation {
  const { summary, description } = operation;
  if (typeof summary === 'string' || typeof description !== 'string') return operation;
  const [first, ...others] = description.split('\n\n');
  return { ...operation, summary: first, description: others.join('\n\n') };
}
