import { describe, expect, it } from 'vitest';
import { cacheKey } from './cache-key.ts';

const parts = { stage: 'tokenize', version: 1, input: { corpus: { digest: 'sha256:1' }, maxLength: 256 } };

describe('cacheKey', () => {
  it('does not depend on the order of keys, nor on keys that are undefined', () => {
    expect(cacheKey({ version: 1, input: { maxLength: 256, corpus: { digest: 'sha256:1' }, label: undefined }, stage: 'tokenize' })).toBe(cacheKey(parts));
  });

  it('differs with each of its parts', () => {
    const changed = [parts, { ...parts, stage: 'count' }, { ...parts, version: 2 }, { ...parts, input: { ...parts.input, maxLength: 128 } }, { ...parts, fingerprint: 'file' }];
    expect(new Set(changed.map(cacheKey)).size).toBe(changed.length);
  });
});
