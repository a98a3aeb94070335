/** Stands where something is still to come. The only thing of a guarded page that a stranger is sent. */
export function Placeholder() {
  return (
    <div className="placeholder" aria-busy="true">
      <span className="visually-hidden">Loading</span>
    </div>
  );
}
