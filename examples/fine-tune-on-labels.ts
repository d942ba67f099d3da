/**
 * Fine-tunes a base model on any labeled JSON Lines, {"text": "…", "label": "…"} with two labels, and writes
 * a folder that transformers.js opens.
 */
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import {
  createTinyBase,
  exportModel,
  parseNetwork,
  parseWeights,
  resolveBaseModel,
  sequenceClassifier,
} from '@overture/models';
import { openRuntime } from '@overture/runtime';
import { loadTokenizer, templateVersion, textEncoder } from '@overture/tokenization';
import { fineTune, parseFineTuneConfig } from '@overture/training';

const [file = 'labeled.jsonl', to = 'classifier', baseName = 'minilm', epochs = '2', learningRate = '5e-5'] =
  process.argv.slice(2);
const rows = (await readFile(file, 'utf8'))
  .trim()
  .split('\n')
  .map((line) => JSON.parse(line) as { text: string; label: string });
const labels = [...new Set(rows.map(({ label }) => label))].sort();

const texts = rows.map(({ text }) => text);
const tiny = baseName === 'tiny' && (await createTinyBase({ texts, to: join(to, 'base'), seed: 0 })); // needs no download
const { files } =
  tiny ||
  (await resolveBaseModel(baseName, {
    cacheDir: join(homedir(), '.cache', 'overture', 'models'),
    env: process.env,
  }));
const [tokenizerJson, weightsFile] = await Promise.all([readFile(files.tokenizer), readFile(files.weights)]);
const model = sequenceClassifier(parseNetwork(await readFile(files.config, 'utf8'), files.config), {
  classes: labels.length,
});
const tokenizer = loadTokenizer(tokenizerJson);

const config = parseFineTuneConfig({
  epochs: Number(epochs),
  learningRate: Number(learningRate),
  maxLength: 128,
});
const { vocabSize, padId } = tokenizer;
const encode = textEncoder(tokenizer, config);
const sequences = texts.map((text) => encode(text).ids);
let end = 0;
const tokens = {
  ids: Int32Array.from(sequences.flat()),
  offsets: Int32Array.from([0, ...sequences.map(({ length }) => (end += length))]),
  labels: Uint8Array.from(rows, ({ label }) => labels.indexOf(label)),
  splits: Uint8Array.from(rows, (_, i) => Number(i % 10 === 9)), // every tenth is for validation
  splitNames: ['train', 'valid'],
  turns: new Int32Array(rows.length),
  exampleIds: rows.map((_, i) => String(i)),
  vocabSize,
  padId,
  maxLength: config.maxLength,
  templateVersion,
};
const weights = parseWeights(weightsFile, model, { where: files.weights, seed: config.seed });
const trained = await fineTune({
  config,
  model,
  tokens,
  weights,
  runtime: openRuntime({ threads: 2 }),
  now: () => performance.now(),
});

await mkdir(join(to, 'onnx'), { recursive: true });
await writeFile(join(to, 'config.json'), JSON.stringify(model.configJson(labels)));
await writeFile(join(to, 'tokenizer.json'), tokenizerJson);
await writeFile(
  join(to, 'tokenizer_config.json'),
  JSON.stringify({
    tokenizer_class: 'BertTokenizer',
    model_max_length: config.maxLength,
    pad_token: '[PAD]',
  }),
);
await writeFile(
  join(to, 'onnx', 'model.onnx'),
  exportModel(model, trained.weights, { pooling: config.pooling }),
);
console.log(
  JSON.stringify({
    labels,
    folder: resolve(to),
    validMacroF1: trained.history[trained.bestEpoch - 1]?.macroF1,
  }),
);
