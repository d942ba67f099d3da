/**
 * Fine-tunes a classifier on labeled dialogues and predicts with it: the libs alone, without Temporal and
 * without a database.
 */
import { mkdtemp, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { formatConversationLine, openCorpus, resolveTagSet } from '@overture/dialogue';
import { openPredictor, writeBundle } from '@overture/inference';
import { createTinyBase, parseNetwork, parseWeights, sequenceClassifier } from '@overture/models';
import { openRuntime } from '@overture/runtime';
import { loadTokenizer, tokenizeCorpus } from '@overture/tokenization';
import { fineTune, parseFineTuneConfig } from '@overture/training';

const file = process.argv[2] ?? join(import.meta.dirname, '../data/sample/helpdesk.jsonl');
const folder = await mkdtemp(join(tmpdir(), 'overture-example-'));
const corpus = await openCorpus(file);
const conversations = await Array.fromAsync(corpus.conversations());
const rule = { protocol: 'cikm23', tagSet: resolveTagSet('cikm23-5') } as const;

// A base model from nothing; resolveBaseModel('minilm', { cacheDir }) gives a pretrained one in the same
// form.
const texts = conversations.flatMap(({ utterances }) => utterances.map(({ text }) => text));
const base = await createTinyBase({ texts, to: join(folder, 'base'), seed: 0 });
const tokenizer = await readFile(base.files.tokenizer);
const model = sequenceClassifier(parseNetwork(await readFile(base.files.config, 'utf8')), { classes: 2 });
const weights = parseWeights(await readFile(base.files.weights), model, {
  where: base.files.weights,
  seed: 0,
});

const config = parseFineTuneConfig({ epochs: 4, learningRate: 2e-3, maxLength: 128 });
const lines = conversations.map(formatConversationLine);
const { tokens } = await tokenizeCorpus(
  (async function* () {
    yield* lines;
  })(),
  loadTokenizer(tokenizer),
  { rule, maxLength: config.maxLength },
);
const trained = await fineTune({
  config,
  model,
  tokens,
  weights,
  runtime: openRuntime({ threads: 2 }),
  now: () => performance.now(),
});

const { pooling, maxLength } = config;
const training = { settings: { epochs: config.epochs }, measured: { steps: trained.steps } };
await writeBundle(join(folder, 'model'), {
  ...trained,
  ...rule,
  name: 'example',
  base,
  model,
  tokenizer,
  pooling,
  maxLength,
  training,
});
await using predictor = await openPredictor(join(folder, 'model'));
console.log(
  JSON.stringify(
    await predictor.predictNext([
      { id: 'new', utterances: [{ role: 'user', text: 'My printer does not work.' }] },
    ]),
  ),
);
