import { canonicalJson } from '@overture/core';
import type { CacheKeyParts } from './cache-key.ts';

/** One difference between two cache keys: the component, the path inside it, and both values. */
export interface KeyChange {
  readonly component: 'version' | 'input' | 'environment' | 'fingerprint' | 'controls';
  /** Empty if the component differs as a whole. */
  readonly path: readonly string[];
  /** `undefined` if only the other key has a value here. */
  readonly before: unknown;
  readonly now: unknown;
}

/**
 * Returns every leaf in which two cache keys of one stage differ. An empty list means that they are equal.
 */
export function explainKey(now: CacheKeyParts, before: CacheKeyParts): KeyChange[] {
  const components = ['version', 'input', 'environment', 'fingerprint', 'controls'] as const;
  return components.flatMap((component) => changes(component, [], before[component], now[component]));
}

function changes(
  component: KeyChange['component'],
  path: readonly string[],
  before: unknown,
  now: unknown,
): KeyChange[] {
  if (equal(before, now)) return [];
  if (
    !isNode(before) ||
    !isNode(now) ||
    isArtifact(before) ||
    isArtifact(now) ||
    Array.isArray(before) !== Array.isArray(now)
  )
    return [{ component, path, before, now }];
  const keys = [...new Set([...Object.keys(before), ...Object.keys(now)])];
  return keys.flatMap((key) => changes(component, [...path, key], before[key], now[key]));
}

function equal(a: unknown, b: unknown): boolean {
  return canonicalJson((a ?? null) as never) === canonicalJson((b ?? null) as never);
}

function isNode(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}

function isArtifact(value: Readonly<Record<string, unknown>>): boolean {
  return typeof value['kind'] === 'string' && typeof value['digest'] === 'string';
}

const shownLength = 60;

/**
 * Formats a change for display: `training.epochs: 2 → 3`, `environment onnxruntime: 1.26.0 → 1.27.0`,
 * `version: 1 → 2`.
 */
export function keyChangeText({ component, path, before, now }: KeyChange): string {
  const where = [
    ...(component === 'input' && path.length > 0 ? [] : [component]),
    ...(path.length > 0 ? [path.join('.')] : []),
  ].join(' ');
  return `${where}: ${shown(before)} → ${shown(now)}`;
}

function shown(value: unknown): string {
  if (value === undefined || value === null) return 'nothing';
  if (isNode(value) && isArtifact(value)) return `${String(value['kind'])} ${short(String(value['digest']))}`;
  const text = typeof value === 'string' ? short(value) : JSON.stringify(value);
  return text.length > shownLength ? `${text.slice(0, shownLength - 1)}…` : text;
}

/** The first digits of a digest, enough to distinguish it from others. Any other text is unchanged. */
function short(text: string): string {
  return /^(sha256:)?[0-9a-f]{64}$/.test(text) ? text.replace('sha256:', '').slice(0, 12) : text;
}
