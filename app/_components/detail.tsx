import type { ReactNode } from 'react';

/** One row of a `<dl className="detail-list">`: a label and its value. */
export function Detail({ label, children }: { readonly label: string; readonly children: ReactNode }) {
  return (
    <div>
      <dt>{label}</dt>
      <dd>{children}</dd>
    </div>
  );
}
