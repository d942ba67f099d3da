import { digestOf } from '@overture/core';
import { describe, expect, expectTypeOf, it } from 'vitest';
import { z } from 'zod';
import { artifact, type ArtifactRef } from './artifact-ref.ts';

const corpus = { kind: 'corpus', digest: digestOf('content'), bytes: 7 } as const;

describe('artifact', () => {
  it('parses a reference of its kind and nothing else', () => {
    expect(artifact('corpus').parse(corpus)).toEqual(corpus);
    expect(() => artifact('weights').parse(corpus)).toThrow(
      'Must be an artifact of kind \\"weights\\". Got kind \\"corpus\\" instead.',
    );
    expect(() => artifact('corpus').parse({ ...corpus, digest: 'md5:1' })).toThrow(
      'A digest must be \\"sha256:\\" and 64 hexadecimal digits.',
    );
    expect(() => artifact('corpus').parse({ ...corpus, path: '/tmp' })).toThrow('Unrecognized key');
    expect(() => artifact('corpus').parse({ ...corpus, bytes: -1 })).toThrow('expected number to be >=0');
  });

  it('carries its kind in the types of what it takes and gives', () => {
    const schema = z.object({ corpus: artifact('corpus') });
    expect(schema.parse({ corpus })).toEqual({ corpus });
    expectTypeOf<z.output<typeof schema>>().toEqualTypeOf<{ corpus: ArtifactRef<'corpus'> }>();
    expectTypeOf<z.input<typeof schema>>().toEqualTypeOf<{ corpus: ArtifactRef<'corpus'> }>();
    expectTypeOf<ArtifactRef<'weights'>>().not.toExtend<ArtifactRef<'corpus'>>();
  });

  it('is a readable JSON schema', () => {
    expect(z.toJSONSchema(artifact('corpus'))).toMatchObject({
      type: 'object',
      properties: { kind: { const: 'corpus' } },
    });
  });
});
