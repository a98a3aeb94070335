import type { OpenApiDocument } from 'trpc-session/openapi';

type Operation = OpenApiDocument['paths'][string][string];

/** Swagger UI shows the summary of a closed operation. The document has descriptions only, so this adds summaries. */
export function addSummaries(document: OpenApiDocument): OpenApiDocument {
  const paths = Object.entries(document.paths).map(([path, methods]) => {
    const operations = Object.entries(methods).map(([method, operation]) => [method, addSummary(operation)]);
    return [path, Object.fromEntries(operations)];
  });
  return { ...document, paths: Object.fromEntries(paths) };
}

/** Moves the first paragraph of the description to the summary. */
function addSummary(operation: Operation): Operation {
  const { summary, description } = operation;
  if (typeof summary === 'string' || typeof description !== 'string') return operation;
  const [first, ...others] = description.split('\n\n');
  return { ...operation, summary: first, description: others.join('\n\n') };
}
