type Fields = Readonly<Record<string, unknown>>;

/** Values of other kinds are equal only if they are the same object. */
const comparedKinds: readonly unknown[] = [Object.prototype, Array.prototype, Date.prototype];

/**
 * If both values are deeply equal, returns the previous one, so that components do not render again. Otherwise returns the
 * next one, with the equal parts of the previous one.
 */
export function shareStructure<Value>(previous: unknown, next: Value): Value {
  const kind = getKind(next);
  if (kind === null || kind !== getKind(previous)) return next;
  const [before, after] = [toFields(previous), toFields(next)];
  const shared = Object.entries(after).map(([name, value]) => [name, shareStructure(before[name], value)] as const);
  const isEqual =
    shared.length === Object.keys(before).length &&
    shared.every(([name, value]) => name in before && Object.is(value, before[name]));
  if (isEqual) return previous as Value;
  if (Array.isArray(next)) return shared.map(([, value]) => value) as Value;
  return kind === Object.prototype ? (Object.fromEntries(shared) as Value) : next;
}

function getKind(value: unknown): unknown {
  const kind: unknown = typeof value === 'object' && value !== null ? Object.getPrototypeOf(value) : null;
  return comparedKinds.includes(kind) ? kind : null;
}

function toFields(value: unknown): Fields {
  return (value instanceof Date ? { time: value.getTime() } : value) as Fields;
}
