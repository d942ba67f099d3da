/** How large and how deep a JSON value from outside may be. */
export interface JsonLimits {
  readonly bytes: number;
  readonly depth: number;
}

/**
 * Why a JSON value from outside is refused before anything else reads it, as the end of a sentence; undefined where it is not. Works without
 * recursion: a value that is nested 10,000 levels deep would overflow the stack of whatever reads it.
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
      for (const member of Array.isArray(each) ? each : Object.values(each)) open.push({ value: member, level: level + 1 });
    }
    if (size > bytes) return `is larger than ${(bytes / 1000).toLocaleString('en-US')} kB. Put the data into a file and name that instead`;
  }
  return undefined;
}
