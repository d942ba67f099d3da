import { parseArgs } from 'node:util';
import { executionProviders } from '@overture/runtime';
import { benchDag } from './dag/bench-dag.ts';
import { checkDevice } from './device/check-device.ts';
import { checkGradients } from './gradients/check-gradients.ts';
import { benchGeneration } from './generate/bench-generation.ts';
import { benchIngestion } from './ingest/bench-ingestion.ts';
import { checkKills } from './kills/check-kills.ts';
import { checkLifecycle } from './lifecycle/check-lifecycle.ts';
import { checkLogits } from './logits/check-logits.ts';
import { benchMemory } from './memory/bench-memory.ts';
import { benchPrediction } from './predict/bench-prediction.ts';
import { profileTrainingStep } from './profile/profile-training-step.ts';
import { measureQuality } from './quality/measure-quality.ts';
import { checkResume } from './resume/check-resume.ts';
import { benchScale } from './scale/bench-scale.ts';
import { benchTraining } from './train/bench-training.ts';
import { measureWeakLabels } from './weak-labels/measure-weak-labels.ts';
import { reportPath } from './write-report.ts';

const help = `npm run bench -- train [--corpus PATH] [--rounds 5] [--batches 6] [--threads 2] [--only minilm] [--out docs/results/training.md]

       npm run bench -- predict [--corpus PATH] [--rounds 5] [--requests 64] [--threads 2] [--out docs/results/prediction.md]
       npm run bench -- generate [--rounds 5] [--threads 2] [--out docs/results/generation.md]
       npm run bench -- ingest [--corpus PATH] [--out docs/results/ingestion.md]
       npm run bench -- dag [--stages 1000] [--rounds 5] [--no-peers] [--out docs/results/orchestration.md]
       npm run bench -- quality [--corpus PATH] [--seeds 3] [--out docs/results/quality.md]
       npm run bench -- weak-labels --corpus PATH [--base tiny --base minilm] [--rules question] [--curve-base minilm] [--label-sizes 50,100,200,400,800] [--seeds 3] [--out docs/results/weak-labels.md]
       npm run bench -- gradients
       npm run bench -- device --provider cuda [--device TEXT] [--steps 20] [--out docs/results/devices.md]
       npm run bench -- logits [--bundle FOLDER …]
       npm run bench -- profile
       npm run bench -- scale [--sizes 10000,100000] [--only train,cancel] [--seed 0] [--out docs/results/scale.md]
       npm run bench -- memory [--runs 200] [--out docs/results/memory.md]
       npm run bench -- resume [--steps 20] [--writes 10] [--seed 0]
       npm run bench -- kills [--at-once 4] [--only TEXT]
       npm run bench -- lifecycle [--times 10] [--seed 0] [--only once]

train: fine-tunes MiniLM, and SmolLM2 with LoRA, a few steps at a time, in turns with PyTorch and PEFT, on the same data, and writes the
medians with the machine's description. Without --corpus: the sample corpus of the project. --only minilm or smollm2: one of the two.
predict: answers the same requests with Overture, PyTorch and transformers.js in turns, one caller at a time and sixteen, and writes
predictions per second and latencies.
generate: SmolLM2 reads prompts, continues them and scores answers, in turns with transformers, and writes tokens per second and whether
both say the same.
ingest: reads a corpus from bytes to examples, in its own size and enlarged up to ten times: time and peak memory.
dag: what a stage costs when it does nothing (10 wide and as deep as the count asks, and all side by side), in turns with bare Temporal
activities, beside Prefect, Dagster and Kedro; and trainInitiativeModel when nothing changed. Some fifteen minutes on a quiet machine, and
ten more the first time, for the environments of the Python orchestrators.
quality: trains MiniLM with the defaults, once per seed with class weights and once without, and writes the scores beside the floors.
weak-labels: hides a corpus's tags, labels it by rules, and writes their agreement with the tags, the scores of models trained on either, and
how scores grow with the number of labeled conversations.
gradients: compares the gradient of every parameter of the real MiniLM with PyTorch's (relative error at most 1e-4).
device: compares gradients on another execution provider with PyTorch's and with the processor's (relative error at most 1e-4), and times
training steps of MiniLM and SmolLM2 on both. --device: what the device is, for the report.
resume: kills a training run (kill -9) at random steps and at random moments of writing a checkpoint, lets each go on, and counts
how many end with the digest of the undisturbed run.
kills: disturbs runs of trainInitiativeModel (a worker killed in each stage, frozen and thawed, Temporal killed, Postgres stopped), lets each go
on, and counts how many end like the undisturbed run, with no row doubled and no artifact half-written. --only: cases whose name has this
in it. Some ten minutes, most of it waiting for time-outs, --at-once cases at a time.
lifecycle: times a wrong flag, interrupts train, crossvalidate and start and kills guardians at seeded random moments, starts the next command at
once, and reports what ended too late or was left behind. --only: flag, twice (two Ctrl-C), guardian or once (one Ctrl-C). Some twenty minutes.
logits: compares token ids and logits of the real MiniLM and SmolLM2 with Rust's tokenizers and PyTorch (difference at most 1e-3),
and the probabilities of a bundle of the real MiniLM, and of bundles that are given, with those of transformers.js (at most 1e-4).
scale: trains, evaluates, predicts, cancels and cross-validates on invented conversations of rising number, and writes times and their growth, peak memory,
pauses of heartbeats, how long a cancel takes in each stage, and TF-IDF and logistic regressions beside scikit-learn's. --only: some of the phases train, evaluate,
predict, cancel, crossvalidate, baselines; the others keep their results in the JSON file beside the report. Half an hour on a quiet machine.
memory: trains 200 small models through one worker, and writes what the worker keeps: memory, files, sockets, processes.
profile: what every operator of one MiniLM training step takes, 16 texts of 256 tokens.
PyTorch and the Python orchestrators: environments of the bench's own under tools/bench/.venv, or for PyTorch the interpreter named by OVERTURE_BENCH_PYTHON.
`;

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: {
    corpus: { type: 'string' },
    rounds: { type: 'string', default: '5' },
    batches: { type: 'string', default: '6' },
    threads: { type: 'string', default: '2' },
    requests: { type: 'string', default: '64' },
    steps: { type: 'string', default: '20' },
    writes: { type: 'string', default: '10' },
    seed: { type: 'string', default: '0' },
    seeds: { type: 'string', default: '3' },
    base: { type: 'string', multiple: true },
    rules: { type: 'string', default: 'question' },
    'curve-base': { type: 'string' },
    'label-sizes': { type: 'string', default: '50,100,200,400,800' },
    bundle: { type: 'string', multiple: true },
    stages: { type: 'string', default: '1000' },
    sizes: { type: 'string', default: '10000,100000' },
    runs: { type: 'string', default: '200' },
    'no-peers': { type: 'boolean', default: false },
    only: { type: 'string' },
    provider: { type: 'string', default: 'cuda' },
    device: { type: 'string', default: 'a device that was not described' },
    times: { type: 'string', default: '10' },
    'at-once': { type: 'string', default: '4' },
    out: { type: 'string' },
    help: { type: 'boolean', default: false },
  },
});

/** The path of `--out`, or of the default; checked before the work begins. */
const out = (byDefault: string): Promise<string> => reportPath(values.out ?? byDefault);

const commands: Readonly<Record<string, () => Promise<void>>> = {
  train: async () =>
    benchTraining({
      corpus: values.corpus,
      rounds: Number(values.rounds),
      batches: Number(values.batches),
      threads: Number(values.threads),
      only: values.only,
      out: await out('docs/results/training.md'),
    }),
  predict: async () =>
    benchPrediction({
      corpus: values.corpus,
      rounds: Number(values.rounds),
      requests: Number(values.requests),
      threads: Number(values.threads),
      out: await out('docs/results/prediction.md'),
    }),
  generate: async () =>
    benchGeneration({
      rounds: Number(values.rounds),
      threads: Number(values.threads),
      out: await out('docs/results/generation.md'),
    }),
  ingest: async () =>
    benchIngestion({
      corpus: values.corpus ?? 'data/sample/helpdesk.jsonl',
      out: await out('docs/results/ingestion.md'),
    }),
  dag: async () =>
    benchDag({
      stages: Number(values.stages),
      rounds: Number(values.rounds),
      peers: !values['no-peers'],
      out: await out('docs/results/orchestration.md'),
    }),
  quality: async () =>
    measureQuality({
      corpus: values.corpus ?? 'data/sample/helpdesk.jsonl',
      seeds: Number(values.seeds),
      out: await out('docs/results/quality.md'),
    }),
  'weak-labels': async () =>
    measureWeakLabels({
      corpus: values.corpus ?? 'data/sample/helpdesk.jsonl',
      bases: values.base ?? ['tiny', 'minilm'],
      sizes: values['label-sizes'].split(',').map(Number),
      seeds: Number(values.seeds),
      rules: values.rules.split(','),
      curveBase: values['curve-base'],
      out: await out('docs/results/weak-labels.md'),
    }),
  gradients: async () => {
    if (!(await checkGradients())) process.exitCode = 1;
  },
  device: async () => {
    const executionProvider = executionProviders.find((name) => name === values.provider);
    if (executionProvider === undefined)
      throw new Error(
        `--provider must be one of ${executionProviders.join(', ')}. Got ${values.provider} instead.`,
      );
    if (
      !(await checkDevice({
        executionProvider,
        steps: Number(values.steps),
        device: values.device,
        out: await out('docs/results/devices.md'),
      }))
    )
      process.exitCode = 1;
  },
  resume: async () => {
    if (
      !(await checkResume({
        atSteps: Number(values.steps),
        whileWriting: Number(values.writes),
        seed: Number(values.seed),
      }))
    )
      process.exitCode = 1;
  },
  kills: async () => {
    if (!(await checkKills({ atOnce: Number(values['at-once']), only: values.only }))) process.exitCode = 1;
  },
  lifecycle: async () => {
    if (
      !(await checkLifecycle({ rounds: Number(values.times), seed: Number(values.seed), only: values.only }))
    )
      process.exitCode = 1;
  },
  logits: async () => {
    if (!(await checkLogits(values.bundle ?? []))) process.exitCode = 1;
  },
  scale: async () => {
    if (
      !(await benchScale({
        sizes: values.sizes.split(',').map(Number),
        seed: Number(values.seed),
        only: values.only?.split(','),
        out: await out('docs/results/scale.md'),
      }))
    )
      process.exitCode = 1;
  },
  memory: async () => benchMemory({ runs: Number(values.runs), out: await out('docs/results/memory.md') }),
  profile: () =>
    profileTrainingStep({ sequences: 16, length: 256, steps: 3, threads: Number(values.threads) }),
};

const command = values.help ? undefined : commands[positionals[0] ?? ''];
if (command === undefined) {
  process.stdout.write(help);
  process.exitCode = values.help ? 0 : 2;
} else {
  await command();
}
