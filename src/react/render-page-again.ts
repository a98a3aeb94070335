/** The part of Next's App Router that is used here. Next keeps it on `window.next`, so nothing of Next is imported. */
interface NextWindow {
  readonly next?: { readonly router?: { readonly refresh?: () => void } };
}

/**
 * Makes the page render for the present user. In the App Router of Next, its caches and prefetched pages are dropped.
 * Elsewhere the document is loaded again, but only if it may show a former user.
 *
 * @returns Whether the components below must be unmounted, because the router keeps former pages for the back button.
 */
export function renderPageAgain(hasFormerUser: boolean): boolean {
  const refresh = (window as NextWindow).next?.router?.refresh;
  if (refresh) refresh();
  else if (hasFormerUser) location.reload();
  return hasFormerUser && !!refresh;
}
