import { describe, expect, expectTypeOf, it } from 'vitest';
import { referenceTo, targetOf, type Dereferenced, type ListReference, type Reference } from './reference.ts';

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

  it('is refused as a value, by its place', () => {
    expect(() => `${reference.size.lines}`).toThrow(
      'read.size.lines is used as a value, but the plan is made before any stage runs: it has no value yet. Pass it to a stage, or decide with { when: isTrue(…) }, atLeast(…) or run.gate(…).',
    );
    expect(() => Number(reference.size)).toThrow('read.size is used as a value');
    expect(() => (reference as unknown as number) > 3).toThrow('read is used as a value');
  });

  it('carries the types of what it stands for', () => {
    expectTypeOf(reference.size.lines).toEqualTypeOf<Reference<number>>();
    expectTypeOf<Dereferenced<{ a: typeof reference.text; b: 'x' }>>().toEqualTypeOf<{
      readonly a: { kind: 'text'; digest: string };
      readonly b: 'x';
    }>();
    expectTypeOf(reference.note).toEqualTypeOf<Reference<string | undefined>>();
    expectTypeOf<ListReference<{ size: { lines: number } }>['size']['lines']>().toEqualTypeOf<
      Reference<number[]>
    >();
    expectTypeOf<Reference<{ size: { lines: number } }, undefined>['size']['lines']>().toEqualTypeOf<
      Reference<number | undefined>
    >();
  });
});
