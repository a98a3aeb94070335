/** True only if both types are identical: `readonly`, optional fields and `any` make a difference. */
export type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;

/** Compiles only if the value has exactly this type: `expectType<string>()(value, true)`. */
export declare function expectType<Expected>(): <Actual>(value: Actual, equal: Equal<Actual, Expected>) => void;
