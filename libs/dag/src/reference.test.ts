import { describe, expect, expectTypeOf, it } from 'vitest';
import { z } from 'zod';
import { referenceTo, targetOf, type Dereferenced, type Ref } from './reference.ts';

const output = z.object({ text: z.object({ kind: z.literal('text'), digest: z.string() }), size: z.object({ lines: z.int() }), note: z.string().optional() });

describe('referenceTo', () => {
  const reference = referenceTo('read', output);

  it('has a member for every field, however deep, that knows its path', () => {
    expect(targetOf(reference)).toEqual({ node: 'read', path: [] });
    expect(targetOf(reference.text)).toEqual({ node: 'read', path: ['text'] });
    expect(targetOf(reference.size.lines)).toEqual({ node: 'read', path: ['size', 'lines'] });
    expect(targetOf({ node: 'read', path: [] })).toBeUndefined();
  });

  it('carries the types of what it stands for', () => {
    expectTypeOf(reference.size.lines).toEqualTypeOf<Ref<number>>();
    expectTypeOf<Dereferenced<{ a: typeof reference.text; b: 'x' }>>().toEqualTypeOf<{ readonly a: { kind: 'text'; digest: string }; readonly b: 'x' }>();
    expectTypeOf(reference.note).toEqualTypeOf<Ref<string | undefined>>();
  });
});
