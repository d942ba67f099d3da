import { machineText, thisMachine } from '../machine.ts';
import type { MeasuredCommand } from './measure-command.ts';
import type { MeasuredWorkflow } from './measure-workflow.ts';
import type { MeasuredSize, ScaleResults } from './scale-results.ts';

/** A goal, and whether the measurements reach it. */
interface Goal {
  readonly text: string;
  readonly reached: boolean;
}

type Sized = MeasuredSize & { readonly conversations: number };

/** Maximum growth of time when a corpus grows tenfold. Below a second, starting processes dominates. */
const growthGoal = 12;
const shortestSeconds = 1;

/** The page `docs/results/scale.md`. */
export function scaleReport({ seed, sizes }: ScaleResults): string {
  const measured = Object.entries(sizes)
    .map(([conversations, size]): Sized => ({ ...size, conversations: Number(conversations) }))
    .sort((a, b) => a.conversations - b.conversations);
  return `# Scale

Written by \`npm run bench -- scale\`. Invented conversations (\`tools/bench/src/scale/make-corpus.ts\`, seed ${seed}) through the workflows and the command line, with a worker, a Temporal
server and a Postgres of their own. Growth is the time on the largest corpus divided by that on the one before it. A pause is the longest time for which the server had not heard from a
running stage.

| goal | reached |
|---|---|
${goalsOf(measured)
  .map(({ text, reached }) => row([text, reached ? 'yes' : '**no**']))
  .join('\n')}

${workflowTable('overture train --base tiny', measured, ({ train }) => train?.result)}
${workflowTable('overture crossvalidate --base tiny --folds 2, one seed', measured, ({ crossvalidate }) => crossvalidate?.result)}
${commandTable(measured)}
${baselineTable(measured)}
${cancelTable(measured)}
* Machine: ${machineText(thisMachine())}.
* One-minute load when each phase began: ${measured.map(loadText).join('; ')}. Above ${thisMachine().cores}, others used the machine and times are upper bounds.
${measured
  .flatMap(({ baselines }) => baselines?.result.descriptions.join('; ') ?? [])
  .slice(-1)
  .map((text) => `* ${text}.\n`)
  .join('')}`;
}

function goalsOf(measured: readonly Sized[]): Goal[] {
  const [before, last] = [measured.at(-2), measured.at(-1)!];
  const goals: Goal[] = [];
  const add = (text: string, reached: boolean): void => void goals.push({ text, reached });
  const { train, crossvalidate, evaluate, predict, cancel, baselines } = last;
  if (train && last.conversations === 100_000)
    add(
      `Training on 100,000 conversations ends in under 6 minutes: ${(train.result.seconds / 60).toFixed(1)} min`,
      train.result.seconds < 360,
    );
  const peaks = [train, crossvalidate, evaluate, predict].flatMap((phase) => phase?.result.peaks ?? []);
  if (peaks.length > 0) {
    const largest = peaks.reduce((most, each) => (each.mib > most.mib ? each : most));
    add(
      `No process has more than 3 GB: at most ${(largest.mib / 1024).toFixed(2)} GiB (${largest.kind})`,
      largest.mib * 2 ** 20 <= 3e9,
    );
  }
  if (before !== undefined) {
    const growths = growthsOf(before, last);
    const limit = growthGoal * (last.conversations / before.conversations / 10);
    const most = growths.reduce((worst, each) => (each.growth > worst.growth ? each : worst), {
      name: 'none',
      growth: 0,
    });
    add(
      `Times of at least ${shortestSeconds} s grow at most ${limit.toFixed(0)}-fold from ${before.conversations} to ${last.conversations}: at most ${most.growth.toFixed(1)} (${most.name})`,
      most.growth <= limit,
    );
  }
  const pauses = [train, crossvalidate]
    .flatMap((phase) => phase?.result.stages ?? [])
    .map(({ pause = 0 }) => pause);
  if (pauses.length > 0)
    add(`Heartbeats pause for at most 5 s: ${Math.max(...pauses).toFixed(1)} s`, Math.max(...pauses) <= 5);
  if (cancel)
    add(
      `A cancel is over in 2 s, whatever stage runs: at most ${Math.max(0, ...cancel.result.map(({ processSeconds }) => processSeconds)).toFixed(2)} s`,
      cancel.result.length > 0 && cancel.result.every(({ processSeconds }) => processSeconds <= 2),
    );
  if (baselines) {
    const ratio = baselines.result.ours.seconds / baselines.result.theirs.seconds;
    add(`Baselines take at most 1.5 times scikit-learn's time: ${ratio.toFixed(2)}`, ratio <= 1.5);
  }
  return goals;
}

/** The growth of every measurement that exists for both corpora and takes long enough on the larger one. */
function growthsOf(
  before: MeasuredSize,
  last: MeasuredSize,
): { readonly name: string; readonly growth: number }[] {
  const times = ({ train, crossvalidate, evaluate, predict }: MeasuredSize): Map<string, number> =>
    new Map([
      ...(train?.result.stages ?? []).map(({ stage, seconds }) => [stage, seconds] as const),
      ...(crossvalidate?.result.stages ?? []).map(
        ({ stage, seconds }) => [`${stage} of crossvalidate`, seconds] as const,
      ),
      ...(evaluate ? [['evaluate command', evaluate.result.seconds] as const] : []),
      ...(predict ? [['predict command', predict.result.seconds] as const] : []),
    ]);
  const earlier = times(before);
  return [...times(last)].flatMap(([name, seconds]) => {
    const from = earlier.get(name);
    return from === undefined || from < shortestSeconds ? [] : [{ name, growth: seconds / from }];
  });
}

function workflowTable(
  title: string,
  all: readonly Sized[],
  of: (size: Sized) => MeasuredWorkflow | undefined,
): string {
  const measured = all.filter((size) => of(size) !== undefined);
  const last = measured.at(-1);
  if (last === undefined) return '';
  const runs = measured.map((size) => of(size)!);
  const secondsOf = (run: MeasuredWorkflow, stage: string): number =>
    run.stages.find((each) => each.stage === stage)?.seconds ?? NaN;
  const line = (name: string, seconds: readonly number[], pause?: number): string =>
    row([
      name,
      ...seconds.map((each) => each.toFixed(1)),
      growthText(seconds),
      pause === undefined ? '' : pause.toFixed(1),
    ]);
  const kinds = of(last)!.peaks.map(({ kind }) => kind);
  const peakOf = (run: MeasuredWorkflow, kind: string): string =>
    run.peaks.find((each) => each.kind === kind)?.mib.toFixed(0) ?? '';
  return `## ${title}

| seconds | ${measured.map(({ conversations, bytes }) => `${conversations} (${(bytes / 2 ** 20).toFixed(0)} MiB)`).join(' | ')} | growth | longest pause on the largest, s |
|---|${measured.map(() => '---|').join('')}---|---|
${of(last)!
  .stages.map(({ stage, pause }) =>
    line(
      stage,
      runs.map((run) => secondsOf(run, stage)),
      pause,
    ),
  )
  .join('\n')}
${line(
  '**in all**',
  runs.map(({ seconds }) => seconds),
)}

| largest process of each program, MiB | ${measured.map(({ conversations }) => conversations).join(' | ')} |
|---|${measured.map(() => '---|').join('')}
${kinds.map((kind) => row([kind, ...runs.map((run) => peakOf(run, kind))])).join('\n')}
`;
}

function commandTable(all: readonly Sized[]): string {
  const commands = [
    ['overture evaluate --split test', ({ evaluate }: Sized) => evaluate?.result],
    ['overture predict', ({ predict }: Sized) => predict?.result],
  ] as const;
  const cells = (
    of: (size: Sized) => MeasuredCommand | undefined,
  ): readonly (MeasuredCommand | undefined)[] => all.map(of);
  if (commands.every(([, of]) => cells(of).every((each) => each === undefined))) return '';
  return `## Commands

The baselines of \`evaluate\` are fitted again on the training split. \`predict\` answers every conversation.

| command | ${all.map(({ conversations }) => `${conversations}, s`).join(' | ')} | growth | largest process, MiB | lines |
|---|${all.map(() => '---|').join('')}---|---|---|
${commands.map(([name, of]) => row([name, ...cells(of).map((each) => each?.seconds.toFixed(1) ?? ''), growthText(cells(of).flatMap((each) => each?.seconds ?? [])), cells(of).at(-1)?.peaks[0]?.mib.toFixed(0) ?? '', cells(of).at(-1)?.lines ?? ''])).join('\n')}
`;
}

function baselineTable(all: readonly Sized[]): string {
  const rows = all.flatMap(({ conversations, baselines }) => {
    if (baselines === undefined) return [];
    const { texts, ours, theirs, objectiveDifference } = baselines.result;
    return row([
      conversations,
      texts,
      ours.seconds.toFixed(1),
      theirs.seconds.toFixed(1),
      (ours.seconds / theirs.seconds).toFixed(2),
      ours.peakMiB.toFixed(0),
      theirs.peakMiB.toFixed(0),
      objectiveDifference === null ? 'not compared' : objectiveDifference.toExponential(1),
    ]);
  });
  return rows.length === 0
    ? ''
    : `## Baselines beside scikit-learn

TF-IDF and both logistic regressions on the same texts, in turns, medians. Times are those of scikit-learn's default tolerance. The objective is compared with scikit-learn's at a
tolerance of 1e-6, on corpora for which that takes little time.

| conversations | texts | Overture, s | scikit-learn, s | ratio | Overture, MiB | scikit-learn, MiB | difference of objectives |
|---|---|---|---|---|---|---|---|
${rows.join('\n')}
`;
}

function cancelTable(all: readonly Sized[]): string {
  const last = all.findLast(({ cancel }) => cancel !== undefined);
  return last?.cancel === undefined
    ? ''
    : `## Cancel

With ${last.conversations} conversations, a second and a half into each stage. Stages that are not listed end sooner than that.

| stage | run has ended after, s | no process left after, s |
|---|---|---|
${last.cancel.result.map(({ stage, runSeconds, processSeconds }) => row([stage, runSeconds.toFixed(2), processSeconds.toFixed(2)])).join('\n')}
`;
}

function loadText({ conversations, bytes: _bytes, ...phases }: Sized): string {
  return `${conversations} conversations ${Object.entries(phases)
    .map(([name, { load }]) => `${name} ${load.toFixed(1)}`)
    .join(', ')}`;
}

function growthText(seconds: readonly number[]): string {
  return seconds.length < 2 ? '' : (seconds.at(-1)! / seconds.at(-2)!).toFixed(1);
}

function row(cells: readonly (string | number)[]): string {
  return `| ${cells.join(' | ')} |`;
}
