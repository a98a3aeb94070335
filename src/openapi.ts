export type { OpenApiSession } from './openapi/create.ts';
export { createOpenApiSession } from './openapi/create.ts';
export type { OpenApiDocument, OpenApiOptions } from './openapi/document.ts';
