import { expect, it } from 'vitest';
import { artifactRefsIn } from './artifact-refs-in.ts';
import { sampleRef } from './testing/sample.ts';

it('finds references wherever they stand, and nothing that only looks like one', () => {
  const ref = sampleRef('corpus', 'c');
  expect(artifactRefsIn(ref)).toEqual([{ name: '$', ref }]);
  expect(artifactRefsIn({ a: ref, b: [[ref], { c: ref }] }).map(({ name }) => name)).toEqual([
    'a',
    'b[0][0]',
    'b[1].c',
  ]);
  for (const other of [
    null,
    7,
    'text',
    { ...ref, digest: 'md5:1' },
    { ...ref, bytes: '7' },
    { ...ref, version: 1 },
    { kind: 'corpus' },
  ]) {
    expect(artifactRefsIn({ other })).toEqual([]);
  }
});
