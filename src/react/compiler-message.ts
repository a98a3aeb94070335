declare const messageBrand: unique symbol;

/** @internal A property that no value has: a type with it accepts nothing. */
export interface NoValue {
  readonly [messageBrand]: never;
}

/** @internal A type that accepts nothing. The compiler prints the text as the last line of its error. */
export type CompilerMessage<Text extends string> = Text & NoValue;
