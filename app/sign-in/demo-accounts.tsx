const accounts = [
  { username: 'ada', password: 'lovelace', name: 'Ada Lovelace', role: 'admin' },
  { username: 'grace', password: 'hopper', name: 'Grace Hopper', role: 'member' },
] as const;

interface DemoAccountsProps {
  readonly onPick: (account: { readonly username: string; readonly password: string }) => void;
}

/** The accounts of server/users.ts, with a button that fills in the form. Delete this in your app. */
export function DemoAccounts({ onPick }: DemoAccountsProps) {
  return (
    <aside className="sign-in-accounts" aria-labelledby="accounts">
      <h2 id="accounts">Demo accounts</h2>
      <ul className="rows">
        {accounts.map(({ username, password, name, role }) => (
          <li key={username} className="entry">
            <div>
              <strong>{name}</strong>
              <p>
                <code>{username}</code> / <code>{password}</code>, {role}
              </p>
            </div>
            <button className="button quiet" type="button" onClick={() => onPick({ username, password })}>
              Fill in<span className="visually-hidden"> {name}</span>
            </button>
          </li>
        ))}
      </ul>
    </aside>
  );
}
