import type { TrainingStageProgress } from '@overture/contracts';
import type { RunState, StageState, StageStatus } from '@overture/protocol';
import { duration } from './format.ts';
import type { Terminal } from './terminal.ts';

/** The heartbeat of a running stage, of the run itself or of a child workflow. */
export interface RunBeat extends TrainingStageProgress {
  /** The run's task to which the stage belongs, if that task is a child workflow. */
  readonly child?: string;
}

/**
 * The speed of a training is measured from the first step seen (or the first after a restart) to the newest
 * one.
 */
interface TrainingPace {
  readonly first: { readonly step: number; readonly at: number };
  readonly last: { readonly step: number; readonly at: number };
}

/** Shows the progress of a run. */
export interface RunProgress {
  /** Prints the changes since the last state. */
  state(state: RunState): void;
  /** Shows the heartbeats of the running stages. */
  heartbeats(beats: readonly RunBeat[]): void;
}

const marks: Readonly<Record<StageStatus, string>> = {
  waiting: '·',
  running: '▶',
  parked: '⏸',
  asking: '?',
  done: '✓',
  failed: '✗',
  skipped: '↷',
  cancelled: '■',
  unreached: '–',
};

/** A progress display on a terminal. */
export function runProgress(terminal: Terminal): RunProgress {
  const seen = new Map<string, StageStatus>();
  let running: readonly StageState[] = [];
  const trainings = new Map<string, TrainingPace>();
  const paceOf = (id: string, beat: RunBeat | undefined, now: number): TrainingPace | undefined => {
    if (beat?.training === undefined) return undefined;
    const { step } = beat.training;
    const known = trainings.get(id);
    const last = known?.last.step === step ? known.last : { step, at: now };
    const pace =
      known === undefined || step < known.last.step
        ? { first: { step, at: now }, last }
        : { first: known.first, last };
    trainings.set(id, pace);
    return pace;
  };
  return {
    state({ run, stages }) {
      running = stages.filter(({ status }) => status === 'running');
      for (const stage of stages) {
        if (seen.get(stage.id) === stage.status) continue;
        seen.set(stage.id, stage.status);
        if (stage.status === 'waiting' || stage.status === 'running') continue;
        terminal.note(
          stageLine(
            stage,
            stages.filter(({ id }) => id.startsWith(`${stage.id}[`)),
          ),
        );
        if (stage.status === 'parked') terminal.note(decisionHint(run.slice(0, run.lastIndexOf('/')), stage));
        if (stage.status === 'asking') terminal.note(answerHint(run.slice(0, run.lastIndexOf('/')), stage));
      }
    },
    heartbeats(beats) {
      const now = terminal.now();
      const atWork = running.filter(({ id }) => !running.some((other) => other.id.startsWith(`${id}[`))); // for a map, only its items
      const [saying, silent]: [string[], string[]] = [[], []];
      for (const stage of atWork) {
        const beat = beats.find((each) =>
          each.child === undefined
            ? each.stage === stage.stage || each.stage === stage.id
            : each.child === stage.id,
        );
        (beat === undefined ? silent : saying).push(
          stageText(stage, beat, { pace: paceOf(stage.id, beat, now), now }),
        );
      }
      const shown = [...saying, ...silent.slice(0, Math.max(0, silentShown - saying.length))];
      const more = atWork.length - shown.length;
      if (shown.length > 0) terminal.progress(`${shown.join(', ')}${more > 0 ? `, and ${more} more` : ''}`);
    },
  };
}

/** How many stages without a heartbeat message are shown by name. */
const silentShown = 4;

const endings: Readonly<Partial<Record<StageStatus, string>>> = {
  skipped: '  (skipped)',
  unreached: '  (not reached)',
  parked: '  (waits for a decision)',
  asking: '  (waits for an answer)',
};

/** @param items the items of a map, which its row counts */
function stageLine(
  { id, status, durationMs, reused, error }: StageState,
  items: readonly StageState[],
): string {
  const took = durationMs === undefined ? '' : `  ${duration(durationMs)}`;
  const count =
    items.length === 0 ? '' : `  ${items.filter((item) => item.status === 'done').length} of ${items.length}`;
  return `${marks[status]} ${id}${count}${took}${reused ? '  (reused)' : ''}${error ? `: ${error}` : ''}${endings[status] ?? ''}`;
}

/** How to decide about a parked stage, as commands to paste. */
function decisionHint(workflowId: string, { id, skippable }: StageState): string {
  return [
    `    overture runs retry ${workflowId} ${id}   (--set key=value changes its input)`,
    ...(skippable ? [`    overture runs skip ${workflowId} ${id}`] : []),
    `    overture runs abort ${workflowId}`,
  ].join('\n');
}

/** The question of a gate, the numbers behind it, and how to answer. */
function answerHint(workflowId: string, { id, question, input }: StageState): string {
  return [
    `    ${question ?? id}  ${JSON.stringify(input)}`,
    ...['approve', 'reject'].map(
      (answer) => `    overture runs ${answer} ${workflowId} ${id} --by NAME --reason "…"`,
    ),
  ].join('\n');
}

function stageText(
  stage: StageState,
  beat: RunBeat | undefined,
  { pace, now }: { readonly pace: TrainingPace | undefined; readonly now: number },
): string {
  const name = beat?.child === undefined ? stage.id : `${stage.id} ${beat.stage}`;
  if (beat?.training) {
    const { step, totalSteps, epoch, loss } = beat.training;
    const { first, last } = pace ?? {};
    const rate =
      first && last && last.at > first.at
        ? (last.step - first.step) / ((last.at - first.at) / 1_000)
        : undefined;
    // The time left counts down between two heartbeats, and a pause for an evaluation affects the estimate
    // only once.
    const left =
      rate === undefined || !last
        ? ''
        : `, ${rate.toFixed(1)} steps/s, ${duration(Math.max(0, (1_000 * (totalSteps - step)) / rate - (now - last.at)))} left`;
    return `▶ ${name}  epoch ${epoch}, step ${step} of ${totalSteps}${loss === null ? '' : `, loss ${loss.toFixed(3)}`}${left}`;
  }
  const share = beat?.total ? `  ${beat.done ?? 0} of ${beat.total}` : '';
  return `▶ ${name}${share}${beat?.message ? `  ${beat.message}` : ''}`;
}
