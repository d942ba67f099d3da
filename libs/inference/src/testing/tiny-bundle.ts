import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { resolveTagSet, type Conversation } from '@overture/dialogue';
import { createTinyBase, parseNetwork, parseWeights, sequenceClassifier } from '@overture/models';
import { float32 } from '@overture/tensors';
import type { BundleContent } from '../write-bundle.ts';

/** Conversations of different lengths, in which the system speaks next. */
export const conversations: readonly Conversation[] = [
  { id: 'short', utterances: [{ role: 'user', text: 'My printer is offline. What can I do?' }] },
  {
    id: 'answered',
    utterances: [
      { role: 'user', text: 'How do I reset my password?' },
      { role: 'system', text: 'Which account do you mean?' },
      { role: 'user', text: 'The one for the store, on Windows 10.' },
    ],
  },
  {
    id: 'long',
    utterances: [
      { role: 'user', text: 'The update fails with an error every time. '.repeat(12) },
      { role: 'system', text: 'Please send the log file.' },
      { role: 'user', text: 'Here it is: error 0x80, error 0x81, error 0x82.' },
      { role: 'system', text: 'Restart the service, then try the update again.' },
      { role: 'user', text: 'It works now, thank you!' },
    ],
  },
];

/** Token ids of the tiny vocabulary, labeled at random. */
export const validationExamples = {
  sequences: Array.from({ length: 20 }, (_, i) =>
    Array.from({ length: 5 + 3 * i }, (__, k) => 5 + ((7 * i + 11 * k) % 40)),
  ),
  labels: Array.from({ length: 20 }, (_, i) => Number(i % 3 === 0)),
};

/** A two-layer model with random weights and an enlarged head, so that predictions differ. */
export async function tinyBundleContent(
  scratch: string,
  changes: Partial<BundleContent> = {},
): Promise<BundleContent> {
  const texts = conversations
    .flatMap(({ utterances }) => utterances.map(({ text }) => text))
    .concat('turn 1 2 3 user: system:');
  const base = await createTinyBase({ texts, to: join(scratch, 'tiny'), seed: 1, maxPositions: 128 });
  const model = sequenceClassifier(parseNetwork(await readFile(base.files.config, 'utf8')), { classes: 2 });
  const weights = parseWeights(await readFile(base.files.weights), model, { where: 'tiny', seed: 1 });
  const head = weights.get('classifier.weight')!;
  return {
    name: 'initiative',
    model,
    weights: new Map([
      ...weights,
      [
        'classifier.weight',
        float32(
          head.shape,
          (head.data as Float32Array).map((value) => value * 30),
        ),
      ],
    ]),
    pooling: 'mean',
    tokenizer: await readFile(base.files.tokenizer),
    base: { name: 'tiny', digests: base.digests },
    protocol: 'cikm23',
    tagSet: resolveTagSet('cikm23-5'),
    maxLength: 96,
    threshold: 0.6,
    temperature: 1,
    training: {
      settings: { learningRate: 5e-5, classWeights: 'balanced' },
      measured: { macroF1: 0.61234567, examples: 352 },
    },
    ...changes,
  };
}
