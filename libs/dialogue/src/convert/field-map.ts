import { AppError, didYouMean } from '@overture/core';

/** The keys of `--map`: where the parts of a conversation are, and which words stand for which speaker. */
export const mapKeys = [
  'conversations',
  'id',
  'title',
  'messages',
  'role',
  'text',
  'message-id',
  'time',
  'user',
  'system',
  'skip',
] as const;
/** A key of `--map`. */
export type MapKey = (typeof mapKeys)[number];

/** Dotted paths for the parts, and lists of lowercase words for `user`, `system` and `skip`. */
export interface FieldMap {
  readonly paths: Readonly<Partial<Record<Exclude<MapKey, 'user' | 'system' | 'skip'>, string>>>;
  readonly words: ReadonlyMap<string, 'user' | 'system' | 'event'>;
}

/** A map without entries. */
export const emptyFieldMap: FieldMap = { paths: {}, words: new Map() };

/**
 * Parses `key=value` pairs from the command line: `messages=thread.items`, `text=body.plain`,
 * `system=bot,agent`.
 * @throws AppError `USAGE`
 */
export function parseFieldMap(pairs: readonly string[]): FieldMap {
  const paths: Partial<Record<MapKey, string>> = {};
  const words = new Map<string, 'user' | 'system' | 'event'>();
  for (const pair of pairs) {
    const [key = '', value = ''] = [pair.slice(0, pair.indexOf('=')), pair.slice(pair.indexOf('=') + 1)];
    if (!pair.includes('=') || value === '' || !(mapKeys as readonly string[]).includes(key)) {
      throw new AppError(
        'USAGE',
        `--map must be KEY=VALUE, where KEY is one of ${mapKeys.join(', ')}. Got ${JSON.stringify(pair)} instead.${didYouMean(key, mapKeys)}`,
      );
    }
    if (key === 'user' || key === 'system' || key === 'skip') {
      for (const word of value.split(','))
        words.set(word.trim().toLowerCase(), key === 'skip' ? 'event' : key);
    } else paths[key as MapKey] = value;
  }
  return { paths, words };
}

/**
 * The value at a dotted path, such as `author.type` or `parts.0.text`. A key that itself contains dots takes
 * precedence.
 */
export function valueAt(value: unknown, path: string): unknown {
  if (typeof value !== 'object' || value === null) return undefined;
  if (Object.hasOwn(value, path)) return (value as Record<string, unknown>)[path];
  const dot = path.indexOf('.');
  if (dot < 0) return undefined;
  const head = path.slice(0, dot);
  return Object.hasOwn(value, head)
    ? valueAt((value as Record<string, unknown>)[head], path.slice(dot + 1))
    : undefined;
}

/** A value as an id, a time or an author: text or a number, otherwise undefined. */
export function scalar(value: unknown): string | number | undefined {
  if (typeof value === 'string') return value === '' ? undefined : value;
  return typeof value === 'number' && Number.isFinite(value) ? value : undefined;
}
