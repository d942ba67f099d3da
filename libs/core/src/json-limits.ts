/** The maximum size, in bytes, and the maximum nesting depth of a JSON value from outside. */
export interface JsonLimits {
  readonly bytes: number;
  readonly depth: number;
}

/**
 * Checks the size and depth of a JSON value from outside, before any other code reads it. Returns the problem
 * as the end of a sentence, or undefined if there is none. It does not recurse: a value nested 10,000 levels
 * deep would overflow the stack.
 */
export function jsonLimitProblem(value: unknown, { bytes, depth }: JsonLimits): string | undefined {
  let size = 0;
  const open: { readonly value: unknown; readonly level: number }[] = [{ value, level: 0 }];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const { value: each, level } = next;
    if (typeof each === 'string') size += each.length + 2;
    else if (typeof each !== 'object' || each === null) size += 5;
    else {
      if (level === depth) return `is nested more than ${depth} levels deep`;
      const keys = Array.isArray(each) ? undefined : Object.keys(each);
      if (keys?.includes('__proto__')) return 'has the key "__proto__", which is not allowed anywhere in it';
      size += 2 + (keys ?? []).reduce((sum, key) => sum + key.length + 4, 0);
      for (const member of Array.isArray(each) ? each : Object.values(each))
        open.push({ value: member, level: level + 1 });
    }
    if (size > bytes)
      return `is larger than ${(bytes / 1000).toLocaleString('en-US')} kB. Put the data into a file and name that instead`;
  }
  return undefined;
}
