import { counterRandom } from '@overture/core';
import { bertModel, packBatch, type BertConfig } from '@overture/models';
import { openRuntime } from '@overture/runtime';
import { elementCount, float32, type Tensor } from '@overture/tensors';
import { trainingGraph } from '@overture/training';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** The shape of all-MiniLM-L6-v2. Weights are random, which does not affect times. */
const miniLm: BertConfig = {
  modelType: 'bert',
  vocabSize: 30522,
  hiddenSize: 384,
  layers: 6,
  heads: 12,
  intermediateSize: 1536,
  maxPositions: 512,
  typeVocabSize: 2,
  layerNormEpsilon: 1e-12,
  padTokenId: 0,
};

interface KernelEvent {
  readonly cat: string;
  readonly name: string;
  readonly dur: number;
  readonly args?: { readonly op_name?: string };
}

/** Options of a profile. */
export interface ProfileOptions {
  readonly sequences: number;
  readonly length: number;
  readonly steps: number;
  readonly threads: number;
}

/**
 * Runs forward and backward passes. Prints wall and processor time of each, and then the time of each
 * operator over all steps.
 */
export async function profileTrainingStep({
  sequences,
  length,
  steps,
  threads,
}: ProfileOptions): Promise<void> {
  const { graph } = trainingGraph(bertModel(miniLm), sequences);
  const feeds = { ...batchFeeds(sequences, length), ...parameterFeeds(graph) };
  const folder = await mkdtemp(join(tmpdir(), 'overture-profile-'));
  try {
    const session = await openRuntime({ threads }).load(graph, { profileTo: join(folder, 'step') });
    for (let step = 0; step < steps; step++) {
      const [start, used] = [performance.now(), process.cpuUsage()];
      await session.run(feeds);
      const { user, system } = process.cpuUsage(used);
      process.stdout.write(
        `step ${step}: ${(performance.now() - start).toFixed(0)} ms, ${((user + system) / 1000).toFixed(0)} ms of processor time\n`,
      );
    }
    await session.close(); // writes the profile
    const [file] = await readdir(folder);
    process.stdout.write(
      table(JSON.parse(await readFile(join(folder, file), 'utf8')) as KernelEvent[], steps),
    );
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function batchFeeds(sequences: number, length: number): Record<string, Tensor> {
  const random = counterRandom(0, 'tokens');
  const texts = Array.from({ length: sequences }, (_, i) =>
    Int32Array.from({ length }, (__, k) => 1000 + random.below(i * length + k, 20_000)),
  );
  const targets = float32(
    [sequences, 2],
    Array.from({ length: 2 * sequences }, (_, i) => Number(i % 4 === 0 || i % 4 === 3)),
  );
  return { ...packBatch(texts, sequences, 'mean'), targets, normalizer: float32([], [sequences]) };
}

function parameterFeeds(graph: ReturnType<typeof trainingGraph>['graph']): Record<string, Tensor> {
  const parameters = graph.inputs.filter(({ kind }) => kind === 'parameter');
  return Object.fromEntries(
    parameters.map(({ name }) => {
      const shape = graph.types.get(name)!.shape as readonly number[];
      const center = name.endsWith('LayerNorm.weight') ? 1 : 0;
      return [
        name,
        float32(
          shape,
          Float32Array.from({ length: elementCount(shape) }, (_, i) => center + 0.05 * Math.sin(i * 12.9898)),
        ),
      ];
    }),
  );
}

function table(events: readonly KernelEvent[], steps: number): string {
  const total = new Map<string, { ms: number; count: number }>();
  for (const { cat, name, dur, args } of events) {
    if (cat !== 'Node' || !name.endsWith('_kernel_time') || args?.op_name === undefined) continue;
    const known = total.get(args.op_name) ?? { ms: 0, count: 0 };
    total.set(args.op_name, { ms: known.ms + dur / 1000 / steps, count: known.count + 1 / steps });
  }
  const sum = [...total.values()].reduce((all, { ms }) => all + ms, 0);
  const rows = [...total].sort(([, a], [, b]) => b.ms - a.ms);
  return rows
    .map(
      ([op, { ms, count }]) =>
        `${op.padEnd(24)} ${ms.toFixed(1).padStart(9)} ms ${((100 * ms) / sum).toFixed(1).padStart(5)} %  × ${Math.round(count)}\n`,
    )
    .join('');
}
