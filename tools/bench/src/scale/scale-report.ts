import { machineText, thisMachine } from '../machine.ts';
import type { MeasuredSize } from './bench-scale.ts';
import type { CancelLatency } from './measure-cancels.ts';
import type { MeasuredWorkflow } from './measure-workflow.ts';

/** What a report is made of. */
export interface ScaleMeasurements {
  readonly measured: readonly MeasuredSize[];
  readonly cancels: readonly CancelLatency[];
  readonly seed: number;
  /** Of the machine, one-minute averages before and after. */
  readonly load: readonly [number, number];
}

/** The page `docs/results/scale.md`. */
export function scaleReport({ measured, cancels, seed, load }: ScaleMeasurements): string {
  return `# Scale

Written by \`npm run bench -- scale\`. Invented conversations (\`tools/bench/src/scale/make-corpus.ts\`, seed ${seed}) through the workflows, with a worker, a Temporal server and a
Postgres of their own. Growth is the time on a corpus divided by that on the one before it; a corpus grows tenfold. Pauses: how long the server had not heard of a running stage.

${measured[0]!.workflows.map(({ workflow }) => workflowTable(workflow, measured)).join('\n')}
## Baselines beside scikit-learn

TF-IDF and both logistic regressions on the same texts, in turns, warm, medians. The objective is compared with scikit-learn's at a tolerance of 1e-6; the times are those of its default tolerance.

| conversations | texts | Overture, s | scikit-learn, s | ratio | Overture, MiB | scikit-learn, MiB | difference of objectives |
|---|---|---|---|---|---|---|---|
${measured.map(({ conversations, baselines: { texts, ours, theirs, objectiveDifference } }) => row([conversations, texts, ours.seconds.toFixed(1), theirs.seconds.toFixed(1), (ours.seconds / theirs.seconds).toFixed(2), ours.peakMiB.toFixed(0), theirs.peakMiB.toFixed(0), objectiveDifference.toExponential(1)])).join('\n')}

## Cancel

${cancels.length === 0 ? 'Not measured.' : `On the largest corpus, a second and a half into each stage.

| stage | run has ended after, s | no process left after, s |
|---|---|---|
${cancels.map(({ stage, runSeconds, processSeconds }) => row([stage, runSeconds.toFixed(2), processSeconds.toFixed(2)])).join('\n')}`}

* Machine: ${machineText(thisMachine())}. Load before and after: ${load.map((each) => each.toFixed(1)).join(' and ')}${Math.max(...load) > thisMachine().cores ? '; others used it, so the times are upper bounds' : ''}.
* ${measured[0]!.baselines.descriptions.join('; ')}.
`;
}

function workflowTable(workflow: string, measured: readonly MeasuredSize[]): string {
  const runs = measured.map(({ workflows }) => workflows.find((each) => each.workflow === workflow)!);
  const stages = runs.at(-1)!.stages.map(({ stage }) => stage);
  const secondsOf = (run: MeasuredWorkflow, stage: string): number => run.stages.find((each) => each.stage === stage)?.seconds ?? NaN;
  const times = (name: string, seconds: readonly number[]): string => row([name, ...seconds.map((each) => each.toFixed(1)), seconds.length < 2 ? '' : (seconds.at(-1)! / seconds.at(-2)!).toFixed(1)]);
  const plain = (name: string, values: readonly string[]): string => row([name, ...values, '']);
  return `## ${workflow}

| seconds | ${measured.map(({ conversations, bytes }) => `${conversations} (${(bytes / 2 ** 20).toFixed(0)} MiB)`).join(' | ')} | growth |
|---|${measured.map(() => '---|').join('')}---|
${stages.map((stage) => times(stage, runs.map((run) => secondsOf(run, stage)))).join('\n')}
${times('**in all**', runs.map(({ seconds }) => seconds))}
${plain('longest pause of heartbeats, s', runs.map(({ longestPause }) => longestPause.toFixed(1)))}
${plain('worker, peak MiB', runs.map(({ workerMiB }) => workerMiB.toFixed(0)))}
${plain('largest other process, peak MiB', runs.map(({ childMiB }) => childMiB.toFixed(0)))}
${plain('result, kB', runs.map(({ resultBytes }) => (resultBytes / 1000).toFixed(0)))}
`;
}

function row(cells: readonly (string | number)[]): string {
  return `| ${cells.join(' | ')} |`;
}
