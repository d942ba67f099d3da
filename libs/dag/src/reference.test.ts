import { describe, expect, expectTypeOf, it } from 'vitest';
import { referenceTo, targetOf, type Dereferenced, type ListReference, type Ref, type Reference } from './reference.ts';

interface Output {
  readonly text: { kind: 'text'; digest: string };
  readonly size: { readonly lines: number };
  readonly note?: string;
}

describe('referenceTo', () => {
  const reference = referenceTo({ kind: 'ref', node: 'read', path: [] }) as Reference<Output>;

  it('has a member for every field, however deep, that knows its path', () => {
    expect(targetOf(reference)).toEqual({ kind: 'ref', node: 'read', path: [] });
    expect(targetOf(reference.text)).toEqual({ kind: 'ref', node: 'read', path: ['text'] });
    const { size } = reference;
    expect(targetOf(size.lines)).toEqual({ kind: 'ref', node: 'read', path: ['size', 'lines'] });
    expect(targetOf({ kind: 'ref', node: 'read', path: [] })).toBeUndefined();
  });

  it('carries the types of what it stands for', () => {
    expectTypeOf(reference.size.lines).toEqualTypeOf<Ref<number>>();
    expectTypeOf<Dereferenced<{ a: typeof reference.text; b: 'x' }>>().toEqualTypeOf<{ readonly a: { kind: 'text'; digest: string }; readonly b: 'x' }>();
    expectTypeOf(reference.note).toEqualTypeOf<Ref<string | undefined>>();
    expectTypeOf<ListReference<{ size: { lines: number } }>['size']['lines']>().toEqualTypeOf<Ref<number[]>>();
    expectTypeOf<Reference<{ size: { lines: number } }, undefined>['size']['lines']>().toEqualTypeOf<Ref<number | undefined>>();
  });
});
