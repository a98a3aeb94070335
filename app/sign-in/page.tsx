import type { Metadata } from 'next';
import { localPath } from 'trpc-session/next';
import { SessionNote } from './session-note';
import { SignInForm } from './sign-in-form';

export const metadata: Metadata = { title: 'Sign in' };

// Disables streaming for this page: it is sent complete, so that the form works without JavaScript.
export const instant = false;

interface SignInPageProps {
  readonly searchParams: Promise<Record<string, string | string[] | undefined>>;
}

export default async function SignInPage({ searchParams }: SignInPageProps) {
  const { next, failure, username } = await searchParams;
  return (
    <>
      <header className="page-header">
        <h1>Sign in</h1>
        <SessionNote />
      </header>
      <SignInForm
        next={localPath(next, '/dashboard')}
        firstAnswer={{
          failure: failure === 'credentials' || failure === 'insecure' || failure === 'unavailable' ? failure : null,
          username: typeof username === 'string' ? username : '',
        }}
      />
    </>
  );
}
