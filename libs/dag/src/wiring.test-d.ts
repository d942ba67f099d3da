// Above each wrong wiring is the sentence that the compiler must print; wiring.test.ts compares them.
import { z } from 'zod';
import { atLeast, firstOf, isTrue } from './conditions.ts';
import { pipeline } from './pipeline.ts';
import { defineStage } from './stage-contract.ts';

const artifact = <const K extends string>(kind: K) => z.object({ kind: z.literal(kind), digest: z.string() });
const stage = { version: 1, summary: 'For the test.', queue: 'light' } as const;

const ingest = defineStage({
  ...stage,
  name: 'ingest',
  input: z.object({ uri: z.string(), format: z.enum(['auto', 'tsv']).default('auto') }),
  output: z.object({ corpus: artifact('corpus'), summary: z.object({ examples: z.int() }), title: z.string().optional() }),
});
const fetchBase = defineStage({ ...stage, name: 'fetchBase', input: z.object({ name: z.string() }), output: z.object({ name: z.string(), weights: artifact('weights'), tokenizer: artifact('tokenizer') }) });
const tokenize = defineStage({
  ...stage,
  name: 'tokenize',
  input: z.object({ corpus: artifact('corpus'), tokenizer: artifact('tokenizer'), maxLength: z.int().default(256), split: z.enum(['train', 'valid']).optional(), tags: z.array(z.string()).optional(), options: z.object({ lower: z.boolean() }).optional(), label: z.string().optional() }),
  output: z.object({ tokens: artifact('tokens'), truncated: z.int() }),
});

export const right = pipeline('right', z.object({ uri: z.string().default('sample') }), (input, run) => {
  const { corpus, summary, title } = run(ingest, input);
  const base = run(fetchBase, { name: 'minilm' });
  const { tokens } = run(tokenize, { corpus, tokenizer: base.tokenizer, maxLength: summary.examples, split: 'valid', tags: ['CQ', 'IR'], options: { lower: true }, label: title });
  return { tokens, examples: summary.examples };
});
const count = defineStage({ ...stage, name: 'count', input: z.object({ size: z.int(), index: z.int() }), output: z.object({ counted: z.int() }) });
const many = defineStage({ ...stage, name: 'many', input: z.object({ parts: z.array(artifact('tokens')), sizes: z.array(z.int()).optional() }), output: z.object({ folds: z.array(z.object({ corpus: artifact('corpus'), seed: z.int() })), good: z.boolean() }) });

export const richer = pipeline('richer', z.object({ uri: z.string().default('sample') }), (input, run) => {
  const part = run(right, input);
  const base = run(fetchBase, { name: 'minilm' });
  const { folds, good } = run(many, { parts: [part.tokens] });
  const tokenized = run.each(folds, tokenize, { wire: ({ corpus, seed }) => ({ corpus, tokenizer: base.tokenizer, maxLength: seed, label: 'fold' }), atMost: 2 });
  const again = run.each([1, 2, 3], count, { as: 'again', wire: (size, index) => ({ size, index }) });
  const gate = run.gate('approve', { summary: 'Go on?', ask: true, rule: atLeast(part.examples, 3), show: { examples: part.examples } });
  const other = run(fetchBase, { name: 'tiny' }, { as: 'other', when: isTrue(gate.approved) });
  const chosen = firstOf(other, base);
  run(many, { parts: tokenized.tokens, sizes: tokenized.truncated }, { as: 'joined', when: isTrue(good) });
  return { tokenizer: chosen.tokenizer, counts: again.counted, other: other.tokenizer, by: gate.by };
});

const passes = defineStage({ ...stage, name: 'passes', input: z.object({ json: z.json(), any: z.unknown(), named: z.record(z.string(), z.json()).optional() }), output: z.object({ json: z.json(), any: z.unknown(), named: z.record(z.string(), z.json()) }) });
const same = defineStage({ ...stage, name: 'same', input: z.object({ id: z.string(), size: z.int() }), output: z.object({ id: z.string(), size: z.int() }) });
const gateLike = defineStage({ ...stage, name: 'gateLike', input: z.object({}), output: z.object({ good: z.boolean() }) });
const nested = defineStage({ ...stage, name: 'nested', input: z.object({ opts: z.object({ depth: z.int(), names: z.array(z.string()), mode: z.enum(['fast', 'exact']).nullable() }) }), output: z.object({ note: z.string().nullable(), kind: z.string() }) });

export const open = pipeline('open', z.object({}), (_input, run) => {
  const first = run(passes, { json: { list: [1, 'two', null], deep: { flag: true } }, any: 3 });
  const second = run(passes, { json: first.json, any: first.any, named: first.named }, { as: 'second' });
  run(passes, { json: second.named, any: second, named: second.named }, { as: 'third' });
  const given = run(same, { id: 'a', size: 1 });
  run(same, given, { as: 'again' });
  run(nested, { opts: { depth: given.size, names: [given.id, 'b'], mode: null } });
  const gate = run.gate('go', { summary: 'Go on?', ask: false });
  return { json: second.json, any: second.any, approved: gate.approved };
});

export const plan: { tokens: { kind: 'tokens'; digest: string }; examples: number } = {} as NonNullable<ReturnType<typeof right.plan>[keyof ReturnType<typeof right.plan> & symbol]>;

export const wrong = pipeline('wrong', z.object({}), (_input, run) => {
  const { corpus, summary, title } = run(ingest, { uri: 'sample' });
  const base = run(fetchBase, { name: 'minilm' });

  // @ts-expect-error tokenize.corpus wants an artifact of kind corpus, got weights
  run(tokenize, { corpus: base.weights, tokenizer: base.tokenizer });

  // @ts-expect-error tokenize.corpus wants an artifact of kind corpus, got 'sample'
  run(tokenize, { corpus: 'sample', tokenizer: base.tokenizer });

  // @ts-expect-error tokenize.corpus wants an artifact of kind corpus, got an object
  run(tokenize, { corpus: run(ingest, { uri: 'sample' }), tokenizer: base.tokenizer });

  // @ts-expect-error tokenize.tokenizer is missing: it wants an artifact of kind tokenizer
  run(tokenize, { corpus });

  // @ts-expect-error tokenize has no input called vocabulary
  run(tokenize, { corpus, tokenizer: base.tokenizer, vocabulary: base.tokenizer });

  // @ts-expect-error tokenize.maxLength wants a number, got '256'
  run(tokenize, { corpus, tokenizer: base.tokenizer, maxLength: '256' });

  // @ts-expect-error fetchBase.name wants text, got a number
  run(fetchBase, { name: summary.examples });

  // @ts-expect-error fetchBase.name wants text, got something that may be missing
  run(fetchBase, { name: title });

  // @ts-expect-error tokenize.split wants one of 'train', 'valid', got 'test'
  run(tokenize, { corpus, tokenizer: base.tokenizer, split: 'test' });

  const { folds, good } = run(many, { parts: [] });

  // @ts-expect-error run.each wants a list, got true or false
  run.each(good, tokenize, { wire: () => ({ corpus, tokenizer: base.tokenizer }) });

  run.each(folds, tokenize, {
    // @ts-expect-error tokenize.corpus wants an artifact of kind corpus, got a number
    wire: (fold) => ({ corpus: fold.seed, tokenizer: base.tokenizer }),
  });

  const left = run(fetchBase, { name: 'minilm' }, { as: 'left', when: isTrue(good) });
  // @ts-expect-error tokenize.tokenizer wants an artifact of kind tokenizer, got something that may be missing
  run(tokenize, { corpus, tokenizer: left.tokenizer });

  const skipped = run(fetchBase, { name: 'minilm' }, { as: 'skipped', skippable: true });
  // @ts-expect-error tokenize.tokenizer wants an artifact of kind tokenizer, got something that may be missing
  run(tokenize, { corpus, tokenizer: skipped.tokenizer });

  // @ts-expect-error right.uri wants text, got a number
  run(right, { uri: summary.examples });

  // @ts-expect-error many.parts wants a list, got an artifact of kind corpus
  run(many, { parts: corpus });

  // @ts-expect-error isTrue wants true or false, got a number
  isTrue(summary.examples);

  // @ts-expect-error atLeast wants a number, got text
  atLeast(run(fetchBase, { name: 'x' }, { as: 'x' }).name, 3);

  const whole = run(same, { id: 'a', size: 1 });
  // @ts-expect-error fetchBase.name is missing: it wants text
  run(fetchBase, whole);

  // @ts-expect-error nested.opts.depth wants a number, got text
  run(nested, { opts: { depth: whole.id, names: [], mode: 'fast' } });

  // @ts-expect-error nested.opts.depth is missing: it wants a number
  run(nested, { opts: { names: [], mode: 'fast' } });

  // @ts-expect-error nested.opts.names[*] wants text, got a number
  run(nested, { opts: { depth: 1, names: [summary.examples], mode: 'fast' } });

  // @ts-expect-error nested.opts.mode wants one of 'exact', 'fast' or null, got 'slow'
  run(nested, { opts: { depth: 1, names: [], mode: 'slow' } });

  // @ts-expect-error fetchBase.name wants text, got text or null
  run(fetchBase, { name: run(nested, { opts: { depth: 1, names: [], mode: null } }, { as: 'n' }).note });

  // @ts-expect-error fetchBase.name wants text, got any value
  run(fetchBase, { name: run(passes, { json: 1, any: 2 }).any });

  // @ts-expect-error The left-hand side of an arithmetic operation must be
  run(same, { id: 'a', size: whole.size * 2 }, { as: 'twice' });

  // @ts-expect-error fetchBase.name wants text, got an object
  run(fetchBase, { name: whole.name }, { as: 'f' });

  // @ts-expect-error same.size wants a number, got an object
  run(same, { id: 'a', size: whole.id.length }, { as: 'l' });

  // @ts-expect-error This condition will always return true
  if (whole.size) return {};

  // @ts-expect-error This condition will always return true
  if (run(gateLike, {}).good) return {};

  // @ts-expect-error This condition will always return true
  run(fetchBase, { name: whole.id ? 'a' : 'b' }, { as: 'c' });

  // @ts-expect-error This condition will always return true
  run(fetchBase, { name: whole ? 'a' : 'b' }, { as: 'd' });

  // @ts-expect-error This comparison appears to be unintentional
  if (whole.id === 'a') return {};

  // @ts-expect-error Property 'corpsu' does not exist
  return { corpus: run(ingest, { uri: 'sample' }).corpsu };
});
