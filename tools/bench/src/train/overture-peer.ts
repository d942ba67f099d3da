import { readFile } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { parseNetwork, parseWeights } from '@overture/models';
import { openRuntime } from '@overture/runtime';
import { decodeTokenSet, examplesOfSplit, idsOf, lengthsOf, planBatches } from '@overture/tokenization';
import {
  FlatParameters,
  GradientStep,
  openOptimizer,
  optimizerTable,
  parseFineTuneConfig,
  trainableModel,
} from '@overture/training';

// node overture-peer.ts TOKENS WEIGHTS CONFIG TRAINING: runs the steps of fineTune, one per line of standard
// input. TRAINING is its configuration as JSON.
const [tokensFile, weightsFile, configFile, training] = process.argv.slice(2);
const config = parseFineTuneConfig(JSON.parse(training));
const model = trainableModel(parseNetwork(await readFile(configFile, 'utf8'), configFile), config);
const tokens = decodeTokenSet(await readFile(tokensFile), tokensFile);
const train = examplesOfSplit(tokens, 'train');
const lengths = lengthsOf(tokens);
const batches = planBatches(
  train.map((i) => lengths[i]),
  { batchSize: config.batchSize, seed: config.seed, epoch: 0, lengthGrouped: config.lengthGrouped },
);

const parameters = new FlatParameters(model, optimizerTable[config.optimizer].moments, {
  threads: config.threads,
}); // as in a training
parameters.load(parseWeights(await readFile(weightsFile), model, { where: weightsFile, seed: 0 }));
const step = await GradientStep.open(openRuntime({ threads: config.threads }), {
  model,
  parameters,
  batchSize: config.batchSize,
  pooling: config.pooling,
  classWeights: [0.8, 1.35],
  frozenWeights: config.frozenWeights,
});
const optimizer = openOptimizer(parameters, config);
const print = (line: unknown): void => void process.stdout.write(`${JSON.stringify(line)}\n`);

print({ description: `Overture, Node ${process.versions.node}, onnxruntime-node` });
let count = 0;
for await (const _ of createInterface({ input: process.stdin })) {
  const examples = batches[count % batches.length].map((i) => train[i]);
  const [start, cpu] = [performance.now(), process.cpuUsage()];
  const loss = await step.run({
    sequences: examples.map((i) => idsOf(tokens, i)),
    labels: examples.map((i) => tokens.labels[i]),
  });
  optimizer.update(++count, config.learningRate / 10, optimizer.gradientNorm());
  const used = process.cpuUsage(cpu);
  print({
    tokens: examples.reduce((sum, i) => sum + lengths[i], 0),
    seconds: (performance.now() - start) / 1000,
    cpuSeconds: (used.user + used.system) / 1e6,
    loss,
    peakMiB: process.resourceUsage().maxRSS / 1024,
  });
}
