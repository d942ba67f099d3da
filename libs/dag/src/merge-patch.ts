import type { JsonValue } from '@overture/core';

/** A JSON object that a user writes to change another one. */
export type JsonObject = { readonly [key: string]: JsonValue | undefined };

/**
 * Applies a JSON Merge Patch (RFC 7396). Objects are merged key by key. A `null` removes its key, so that the
 * default applies again. Any other value replaces the old one.
 */
export function mergePatch(target: unknown, patch: unknown): unknown {
  if (!isObject(patch)) return patch;
  // A `Map`, because a plain object inherits members such as `constructor` and `__proto__`.
  const merged = new Map<string, unknown>(isObject(target) ? Object.entries(target) : []);
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) merged.delete(key);
    else merged.set(key, mergePatch(merged.get(key), value));
  }
  return Object.fromEntries(merged);
}

/** Combines two patches into one with the same effect as applying `first`, then `second`. */
export function combinedPatch(
  first: JsonObject | undefined,
  second: JsonObject | undefined,
): JsonObject | undefined {
  if (first === undefined || second === undefined) return second ?? first;
  const combined = new Map<string, JsonValue | undefined>(Object.entries(first));
  for (const [key, value] of Object.entries(second)) {
    const earlier = combined.get(key);
    combined.set(
      key,
      isObject(earlier) && isObject(value)
        ? (combinedPatch(earlier as JsonObject, value as JsonObject) as JsonObject)
        : value,
    );
  }
  return Object.fromEntries(combined);
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
