/** The path below which the app is served, such as '/shop'. Next adds it to links, and to redirects of pages. */
export const basePath = process.env.NEXT_PUBLIC_BASE_PATH ?? '';
