import { AppError } from './app-error.ts';

/**
 * Serializes a value to canonical JSON: keys sorted by UTF-16 code unit, no white space, `undefined` members
 * left out (RFC 8785, for the values that JSON.parse can return).
 * @throws AppError `JSON_NOT_CANONICAL` for numbers that are not finite and for values that are not plain
 * data.
 */
export function canonicalJson(value: unknown): string {
  return write(value, '$');
}

function write(value: unknown, path: string): string {
  if (value === null || typeof value === 'boolean' || typeof value === 'string') return JSON.stringify(value);
  if (typeof value === 'number' && Number.isFinite(value)) return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map((item, i) => write(item, `${path}[${i}]`)).join(',')}]`;
  if (
    typeof value === 'object' &&
    (Object.getPrototypeOf(value) === Object.prototype || Object.getPrototypeOf(value) === null)
  ) {
    const members = Object.entries(value).filter(([, member]) => member !== undefined);
    members.sort(([a], [b]) => (a < b ? -1 : 1));
    return `{${members.map(([key, member]) => `${JSON.stringify(key)}:${write(member, `${path}.${key}`)}`).join(',')}}`;
  }
  throw new AppError(
    'JSON_NOT_CANONICAL',
    `${path} must be plain JSON data. Got ${describe(value)} instead.`,
    { details: { path } },
  );
}

function describe(value: unknown): string {
  if (typeof value === 'object' && value !== null)
    return `an instance of ${value.constructor?.name ?? 'an unnamed class'}`;
  return typeof value === 'number' ? `${value}` : typeof value;
}
