import { describe, expect, it } from 'vitest';
import { cacheKey, declaredEnvironment } from './cache-key.ts';

const parts = { stage: 'tokenize', version: 1, input: { corpus: { digest: 'sha256:1' }, maxLength: 256 } };

describe('cacheKey', () => {
  it('does not depend on the order of keys, nor on keys that are undefined', () => {
    expect(
      cacheKey({
        version: 1,
        input: { maxLength: 256, corpus: { digest: 'sha256:1' }, label: undefined },
        stage: 'tokenize',
      }),
    ).toBe(cacheKey(parts));
  });

  it('differs with each of its parts', () => {
    const changed = [
      parts,
      { ...parts, stage: 'count' },
      { ...parts, version: 2 },
      { ...parts, input: { ...parts.input, maxLength: 128 } },
      { ...parts, fingerprint: 'file' },
      { ...parts, environment: { runtime: '1' } },
    ];
    expect(new Set(changed.map(cacheKey)).size).toBe(changed.length);
  });

  it('contains of the environment what the contract declares', () => {
    const facts = { runtime: '1.27.0', node: '24.0.0', platform: 'linux-x64' };
    expect(declaredEnvironment({ name: 'fit', environment: ['runtime', 'platform'] }, facts)).toEqual({
      platform: 'linux-x64',
      runtime: '1.27.0',
    });
    expect(declaredEnvironment({ name: 'fit' }, facts)).toBeUndefined();
    expect(() => declaredEnvironment({ name: 'fit', environment: ['cuda'] }, facts)).toThrow(
      'Stage fit depends on cuda, which this worker must know. It knows runtime, node, platform: add it',
    );
  });
});
