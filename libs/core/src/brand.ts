declare const brand: unique symbol;

/** A primitive that must not be mixed up with its look-alikes. */
export type Brand<T, Name extends string> = T & { readonly [brand]: Name };

/** `sha256:` and 64 hexadecimal digits. */
export type Digest = Brand<string, 'Digest'>;
/** Identifies one run of a workflow in the registry: the Temporal workflow id and run id, joined by `/`. */
export type RunId = Brand<string, 'RunId'>;
