// Each wrong wiring below stands under a comment with the sentence that the compiler must print; wiring.test.ts compares them.
import { z } from 'zod';
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
const fetchBase = defineStage({ ...stage, name: 'fetchBase', input: z.object({ name: z.string() }), output: z.object({ weights: artifact('weights'), tokenizer: artifact('tokenizer') }) });
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

  // @ts-expect-error tokenize has no input called tokeniser
  run(tokenize, { corpus, tokenizer: base.tokenizer, tokeniser: base.tokenizer });

  // @ts-expect-error tokenize.maxLength wants a number, got '256'
  run(tokenize, { corpus, tokenizer: base.tokenizer, maxLength: '256' });

  // @ts-expect-error fetchBase.name wants text, got a number
  run(fetchBase, { name: summary.examples });

  // @ts-expect-error fetchBase.name wants text, got something that may be missing
  run(fetchBase, { name: title });

  // @ts-expect-error tokenize.split wants a word from its list, got 'test'
  run(tokenize, { corpus, tokenizer: base.tokenizer, split: 'test' });

  // @ts-expect-error Property 'corpsu' does not exist
  return { corpus: run(ingest, { uri: 'sample' }).corpsu };
});
