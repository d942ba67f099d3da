import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import {
  classCount,
  encodeWeights,
  parseNetwork,
  parseWeights,
  sequenceClassifier,
  type BaseModel,
} from '@overture/models';
import { startPeer, type Peer } from './peer.ts';

/** A trainer in a contest, and its number of measured steps. Slow ones do fewer steps per turn. */
export interface ComparedPredictions {
  readonly name: string;
  readonly stepsPerTurn: number;
  readonly warmUpSteps: number;
  start(): Promise<Peer>;
}

/**
 * Trainers that do the same work on the same data. The first is ours, the second is the reference that ours
 * is compared with.
 */
export interface Contest {
  readonly title: string;
  /** The work that all of them do. */
  readonly task: string;
  readonly contestants: readonly ComparedPredictions[];
}

/** The data and settings of a contest. */
export interface ContestOptions {
  readonly python: string;
  readonly base: BaseModel;
  readonly tokensFile: string;
  readonly batches: number;
  readonly threads: number;
  /** The benchmark's own folder. */
  readonly folder: string;
}

const warmUpSteps = 3; // the first steps grow the arenas

const poolingText = {
  cls: 'on the first token, as BertForSequenceClassification has it',
  mean: 'on the mean of all tokens',
} as const;

/** MiniLM with all weights trained, against PyTorch as usually run and at its best. */
export function encoderContest(
  { python, base, tokensFile, batches, threads }: ContestOptions,
  pooling: keyof typeof poolingText,
): Contest {
  const pytorch = (
    name: string,
    dtype: string,
    order: string,
    pace: { stepsPerTurn: number; warmUpSteps: number },
  ): ComparedPredictions => ({
    name,
    ...pace,
    start: () =>
      startPeer(name, python, [
        join(import.meta.dirname, 'pytorch_peer.py'),
        tokensFile,
        dirname(base.files.weights),
        String(threads),
        dtype,
        order,
        pooling,
      ]),
  });
  const usual = { stepsPerTurn: batches, warmUpSteps };
  return {
    title: `MiniLM, every parameter, head ${pooling === 'cls' ? 'on the first token' : 'on the mean'}`,
    task: `MiniLM-L6 with a classification head ${poolingText[pooling]}, batch 16, no dropout. Overture: float32, random batches, packed without padding. PyTorch pads them to their longest sequence; SDPA attention.`,
    contestants: [
      overture('Overture', { base, tokensFile, training: { threads, pooling } }, usual),
      pytorch('PyTorch, float32, random batches, AdamW', 'float32', 'random', usual),
      pytorch('PyTorch, float32, batches grouped by length, fused AdamW', 'float32', 'grouped', usual),
      ...(pooling === 'cls'
        ? [
            pytorch(
              'PyTorch, bfloat16 autocast, batches grouped by length, fused AdamW',
              'bfloat16',
              'grouped',
              { stepsPerTurn: 1, warmUpSteps: 1 },
            ),
          ]
        : []),
    ],
  };
}

/** Adapters on SmolLM2, against PEFT. */
export async function loraContest({
  python,
  base,
  tokensFile,
  batches,
  threads,
  folder,
}: ContestOptions): Promise<Contest> {
  const model = sequenceClassifier(
    parseNetwork(await readFile(base.files.config, 'utf8'), base.files.config),
    { classes: classCount },
  );
  const weights = parseWeights(await readFile(base.files.weights), model, {
    where: base.files.weights,
    seed: 0,
  });
  const modelFolder = join(folder, 'smollm2'); // PEFT reads no GGUF: the same weights, dequantized
  await mkdir(modelFolder, { recursive: true });
  await writeFile(
    join(modelFolder, 'config.json'),
    JSON.stringify({ ...model.configJson(), pad_token_id: 0 }),
  );
  await writeFile(join(modelFolder, 'model.safetensors'), encodeWeights(weights));
  const training = {
    threads,
    batchSize: 8,
    pooling: 'last',
    lora: { rank: 8, alpha: 16, targets: 'all-linear' },
  };
  const peft = (dtype: string): ComparedPredictions => ({
    name: `PEFT, ${dtype}`,
    stepsPerTurn: 1,
    warmUpSteps: 1,
    start: () =>
      startPeer(`PEFT, ${dtype}`, python, [
        join(import.meta.dirname, 'peft_peer.py'),
        tokensFile,
        modelFolder,
        String(threads),
        dtype,
      ]),
  });
  const pace = { stepsPerTurn: batches, warmUpSteps };
  return {
    title: 'LoRA on SmolLM2-135M',
    task: 'Rank 8 on every linear layer, a classification head on the last token, batch 8, random batches, no dropout. Overture packs; PEFT pads to the longest sequence, SDPA attention, fused AdamW.',
    contestants: [
      overture(
        'Overture, frozen weights in int8',
        { base, tokensFile, training: { ...training, frozenWeights: 'int8' } },
        pace,
      ),
      peft('bfloat16'),
      peft('float32'),
      overture('Overture, frozen weights in float32', { base, tokensFile, training }, pace),
    ],
  };
}

function overture(
  name: string,
  { base, tokensFile, training }: { base: BaseModel; tokensFile: string; training: object },
  pace: { stepsPerTurn: number; warmUpSteps: number },
): ComparedPredictions {
  const args = [
    join(import.meta.dirname, 'overture-peer.ts'),
    tokensFile,
    base.files.weights,
    base.files.config,
    JSON.stringify(training),
  ];
  return { name, ...pace, start: () => startPeer(name, process.execPath, args) };
}
