import { createRoot } from 'react-dom/client';
import type { Sessions, SessionView } from 'trpc-session';
import { createReactSession } from 'trpc-session/react';

interface View {
  readonly name: string;
}

const { SessionProvider, useSession } =
  createReactSession<Sessions<{ input: View; data: View; view: View }, never, never>>();

const client = {
  get: async (): Promise<SessionView<View>> => (await fetch('/session')).json(),
};

/** Shows the name that the document was loaded for, as a page that a server rendered does. */
const renderedFor = document.getElementById('rendered')?.textContent;

function PrivatePage() {
  const { status, data } = useSession();
  return (
    <main>
      <p id="rendered-for">{renderedFor}</p>
      <p id="session">{data?.name ?? status}</p>
    </main>
  );
}

const root = document.getElementById('root');
if (root)
  createRoot(root).render(
    <SessionProvider client={client}>
      <PrivatePage />
    </SessionProvider>,
  );
