import type { JsonValue } from '@overture/core';

/** A JSON object, as a person writes it to change another. */
export type JsonObject = { readonly [key: string]: JsonValue | undefined };

/**
 * `target` changed by `patch` (JSON Merge Patch, RFC 7396): objects are merged key by key, a `null` removes its key, so
 * that a default applies again, and anything else replaces what was there.
 */
export function mergePatch(target: unknown, patch: unknown): unknown {
  if (!isObject(patch)) return patch;
  // A map, since an object has members that nobody gave it: `constructor`, `__proto__`.
  const merged = new Map<string, unknown>(isObject(target) ? Object.entries(target) : []);
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) merged.delete(key);
    else merged.set(key, mergePatch(merged.get(key), value));
  }
  return Object.fromEntries(merged);
}

/** Two patches as one: applying it is like applying `first`, then `second`. */
export function combinedPatch(first: JsonObject | undefined, second: JsonObject | undefined): JsonObject | undefined {
  if (first === undefined || second === undefined) return second ?? first;
  const combined = new Map<string, JsonValue | undefined>(Object.entries(first));
  for (const [key, value] of Object.entries(second)) {
    const earlier = combined.get(key);
    combined.set(key, isObject(earlier) && isObject(value) ? (combinedPatch(earlier as JsonObject, value as JsonObject) as JsonObject) : value);
  }
  return Object.fromEntries(combined);
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
