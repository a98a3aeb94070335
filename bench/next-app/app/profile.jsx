/** What each page shows. */
export function Profile({ user }) {
  return (
    <main>
      <h1>{user.name}</h1>
      <ul>
        {user.cart.map(({ sku, count }) => (
          <li key={sku}>
            {count} × {sku}
          </li>
        ))}
      </ul>
    </main>
  );
}
