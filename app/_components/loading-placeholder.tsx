/** The fallback of a page that waits for its guard. Signed-out visitors receive nothing else of that page. */
export function LoadingPlaceholder() {
  return (
    <div className="placeholder" aria-busy="true">
      <span className="visually-hidden">Loading</span>
    </div>
  );
}
