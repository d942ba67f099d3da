/** SQL for the current time in milliseconds since 1970, on the database's clock. */
export const nowMs = `cast(unixepoch('subsec') * 1000 as integer)`;

/** A value as JSON text; `undefined` becomes `null`. */
export function toJson(value: unknown): string {
  return JSON.stringify(value ?? null);
}

/** As `toJson`, but a missing value is SQL's null. */
export function toJsonOrNull(value: unknown): string | null {
  return value === undefined ? null : toJson(value);
}

/** Reads a column of JSON text. */
export function fromJson(text: string | null): unknown {
  return text === null ? null : JSON.parse(text);
}
