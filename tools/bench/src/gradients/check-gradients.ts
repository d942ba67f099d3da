import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import {
  classCount,
  loadWeights,
  parseNetwork,
  resolveBaseModel,
  sequenceClassifier,
} from '@overture/models';
import { openRuntime } from '@overture/runtime';
import { parseSafetensors, type Tensor } from '@overture/tensors';
import { FlatParameters, GradientStep, relativeErrors } from '@overture/training';
import { pythonEnvironment } from '../train/python-environment.ts';

const limit = 1e-4;
const script = join(import.meta.dirname, '..', '..', '..', 'reference', 'pytorch', 'minilm_gradients.py');

interface Batch {
  readonly sequences: number[][];
  readonly labels: number[];
  readonly classWeights: [number, number];
  readonly loss: number;
  readonly torch: string;
}

/**
 * Compares the gradients of the real MiniLM with PyTorch's.
 * @returns whether every relative error is within 1e-4
 */
export async function checkGradients(): Promise<boolean> {
  const python = await pythonEnvironment(
    process.env['OVERTURE_BENCH_PYTHON'],
    (line) => void process.stderr.write(`${line}\n`),
  );
  const base = await resolveBaseModel('minilm', {
    cacheDir: join(homedir(), '.cache', 'overture', 'models'),
    env: process.env,
  });
  const folder = await mkdtemp(join(tmpdir(), 'overture-gradients-'));
  try {
    await promisify(execFile)(python, [script, dirname(base.files.weights), folder]);
    const read = async (file: string): Promise<ReadonlyMap<string, Tensor>> =>
      parseSafetensors(await readFile(file), file).tensors;
    const batch = JSON.parse(await readFile(join(folder, 'batch.json'), 'utf8')) as Batch;
    const model = sequenceClassifier(
      parseNetwork(await readFile(base.files.config, 'utf8'), base.files.config),
      { classes: classCount },
    );
    const tensors = new Map([
      ...(await read(base.files.weights)),
      ...(await read(join(folder, 'head.safetensors'))),
    ]);
    const parameters = new FlatParameters(model);
    parameters.load(loadWeights(tensors, model, { where: base.files.weights, seed: 0 }));
    const { sequences, labels, classWeights } = batch;
    const step = await GradientStep.open(openRuntime(), {
      model,
      parameters,
      batchSize: sequences.length,
      pooling: 'mean',
      classWeights,
    });
    const loss = await step.run({ sequences, labels });
    await step.close();
    const errors = [
      ...relativeErrors(parameters.toGradients(), await read(join(folder, 'gradients.safetensors'))),
    ].sort((a, b) => b[1] - a[1]);
    const worst = errors
      .slice(0, 5)
      .map(([name, error]) => `  ${error.toExponential(2)}  ${name}`)
      .join('\n');
    const agree = errors[0][1] <= limit;
    process.stdout.write(
      `MiniLM-L6 against PyTorch ${batch.torch} in float64: loss ${loss.toFixed(7)} and ${batch.loss.toFixed(7)}; ${errors.length} gradients, relative errors:\n${worst}\n${agree ? 'All' : 'Not all'} are within ${limit}.\n`,
    );
    return agree;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
