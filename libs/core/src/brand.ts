declare const brand: unique symbol;

/** A primitive type that cannot be confused with others of the same base type. */
export type Brand<T, Name extends string> = T & { readonly [brand]: Name };

/** A SHA-256 digest: `sha256:` and 64 hexadecimal digits. */
export type Digest = Brand<string, 'Digest'>;
/** The id of one workflow run in the registry: the Temporal workflow id and run id, joined by `/`. */
export type RunId = Brand<string, 'RunId'>;
