import { canonicalJson } from '@overture/core';
import type { CacheKeyParts } from './cache-key.ts';

/** One difference between two cache keys: which component, where in it, and the values. */
export interface KeyChange {
  readonly component: 'version' | 'input' | 'environment' | 'fingerprint' | 'controls';
  /** Empty where the component differs as a whole. */
  readonly path: readonly string[];
  /** `undefined` where only the other has something. */
  readonly before: unknown;
  readonly now: unknown;
}

/** Every leaf in which two cache keys of one stage differ; none means that they are equal. */
export function explainKey(now: CacheKeyParts, before: CacheKeyParts): KeyChange[] {
  const components = ['version', 'input', 'environment', 'fingerprint', 'controls'] as const;
  return components.flatMap((component) => changes(component, [], before[component], now[component]));
}

function changes(component: KeyChange['component'], path: readonly string[], before: unknown, now: unknown): KeyChange[] {
  if (equal(before, now)) return [];
  if (!isNode(before) || !isNode(now) || isArtifact(before) || isArtifact(now) || Array.isArray(before) !== Array.isArray(now)) return [{ component, path, before, now }];
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

/** A change for people: `training.epochs: 2 → 3`, `environment onnxruntime: 1.26.0 → 1.27.0`, `version: 1 → 2`. */
export function keyChangeText({ component, path, before, now }: KeyChange): string {
  const where = [...(component === 'input' && path.length > 0 ? [] : [component]), ...(path.length > 0 ? [path.join('.')] : [])].join(' ');
  return `${where}: ${shown(before)} → ${shown(now)}`;
}

function shown(value: unknown): string {
  if (value === undefined || value === null) return 'nothing';
  if (isNode(value) && isArtifact(value)) return `${String(value['kind'])} ${short(String(value['digest']))}`;
  const text = typeof value === 'string' ? short(value) : JSON.stringify(value);
  return text.length > shownLength ? `${text.slice(0, shownLength - 1)}…` : text;
}

/** Enough of a digest to tell it from another. */
function short(text: string): string {
  return /^(sha256:)?[0-9a-f]{64}$/.test(text) ? text.replace('sha256:', '').slice(0, 12) : text;
}
