/**
 * Opens a model's bundle in transformers.js, which knows nothing of Overture, in float32 and in int8, and
 * compares with Overture's own predictor.
 */
import { env, pipeline } from '@huggingface/transformers';
import { nextSystemTurn } from '@overture/dialogue';
import { int8GraphFile, openBundle, openPredictor } from '@overture/inference';
import { exampleEncoder } from '@overture/tokenization';
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';

const folder = resolve(process.argv[2] ?? 'model'); // "overture models export NAME --to model" writes one
const conversation = {
  id: 'new',
  utterances: [{ role: 'user', text: 'My printer does not work.' }],
} as const;
await using predictor = await openPredictor(folder);
const [ours] = await predictor.predictNext([conversation]);
console.log(`overture         ${ours!.probability.toFixed(6)}`);

// What the model reads is one text: the position of the system's turn, then a line per turn.
const { tokenizer, manifest } = await openBundle(folder);
const { text } = exampleEncoder(
  tokenizer,
  manifest.text,
)(nextSystemTurn(conversation, manifest.text.protocol));
env.allowRemoteModels = false;
for (const dtype of existsSync(join(folder, int8GraphFile))
  ? (['fp32', 'q8'] as const)
  : (['fp32'] as const)) {
  const classify = await pipeline('text-classification', folder, { dtype });
  const scores = (await classify([text], { top_k: null })) as unknown as { label: string; score: number }[][];
  const initiative = scores[0]!.find(({ label }) => label === 'INITIATIVE')!;
  console.log(`transformers.js  ${initiative.score.toFixed(6)}  ${dtype}`);
  await classify.dispose();
}
