const accounts = [
  { username: 'ada', password: 'lovelace', title: 'Ada Lovelace', role: 'admin' },
  { username: 'grace', password: 'hopper', title: 'Grace Hopper', role: 'member' },
] as const;

interface DemoAccountsProps {
  readonly onPick: (account: { readonly username: string; readonly password: string }) => void;
}

/** The two people who live here, for anybody to be. */
export function DemoAccounts({ onPick }: DemoAccountsProps) {
  return (
    <aside className="sign-in-accounts" aria-labelledby="accounts">
      <h2 id="accounts">Be one of these two</h2>
      <ul className="rows">
        {accounts.map(({ username, password, title, role }) => (
          <li key={username} className="entry">
            <div>
              <strong>{title}</strong>
              <p>
                <code>{username}</code> / <code>{password}</code>, {role}
              </p>
            </div>
            <button className="button quiet" type="button" onClick={() => onPick({ username, password })}>
              Fill in<span className="visually-hidden"> {title}</span>
            </button>
          </li>
        ))}
      </ul>
    </aside>
  );
}
