import type { RunState, StageProgress, StageState, StageStatus } from '@overture/contracts';
import { duration } from './format.ts';
import type { Terminal } from './terminal.ts';

/** What a stage at work says of itself: one of the run, or of a run that it started. */
export interface RunBeat extends StageProgress {
  /** The task of the run that the stage belongs to, where it is a workflow of its own. */
  readonly child?: string;
}

/** Shows a run as it comes along. */
export interface RunProgress {
  /** Prints what changed since the last state. */
  state(state: RunState): void;
  /** Shows what the running stages say of themselves. */
  heartbeats(beats: readonly RunBeat[]): void;
}

const marks: Readonly<Record<StageStatus, string>> = {
  waiting: '·', running: '▶', parked: '⏸', asking: '?', done: '✓', failed: '✗', skipped: '↷', cancelled: '■', unreached: '–',
};

export function runProgress(terminal: Terminal): RunProgress {
  const seen = new Map<string, StageStatus>();
  let running: readonly StageState[] = [];
  const trainings = new Map<string, { step: number; at: number }>();
  /** From where on a training's speed is measured: where it was seen first, or began anew. */
  const sinceStep = (id: string, beat: RunBeat | undefined, now: number): { step: number; at: number } | undefined => {
    if (beat?.training === undefined) return undefined;
    const { step } = beat.training;
    const known = trainings.get(id);
    const since = known === undefined || step < known.step ? { step, at: now } : known;
    trainings.set(id, since);
    return since;
  };
  return {
    state({ run, stages }) {
      running = stages.filter(({ status }) => status === 'running');
      for (const stage of stages) {
        if (seen.get(stage.id) === stage.status) continue;
        seen.set(stage.id, stage.status);
        if (stage.status === 'waiting' || stage.status === 'running') continue;
        terminal.note(stageLine(stage));
        if (stage.status === 'parked') terminal.note(decisionHint(run.slice(0, run.lastIndexOf('/')), stage));
        if (stage.status === 'asking') terminal.note(answerHint(run.slice(0, run.lastIndexOf('/')), stage));
      }
    },
    heartbeats(beats) {
      const now = terminal.now();
      const atWork = running.filter(({ id }) => !running.some((other) => other.id.startsWith(`${id}[`))); // of a map, its items
      const [saying, silent]: [string[], string[]] = [[], []];
      for (const stage of atWork) {
        const beat = beats.find((each) => (each.child === undefined ? each.stage === stage.stage || each.stage === stage.id : each.child === stage.id));
        (beat === undefined ? silent : saying).push(stageText(stage, beat, { since: sinceStep(stage.id, beat, now), now }));
      }
      const shown = [...saying, ...silent.slice(0, Math.max(0, silentShown - saying.length))];
      const more = atWork.length - shown.length;
      if (shown.length > 0) terminal.progress(`${shown.join(', ')}${more > 0 ? `, and ${more} more` : ''}`);
    },
  };
}

/** With how many on the line those are named that say nothing of themselves. */
const silentShown = 4;

const endings: Readonly<Partial<Record<StageStatus, string>>> = { skipped: '  (skipped)', unreached: '  (not reached)', parked: '  (waits for a decision)', asking: '  (waits for an answer)' };

function stageLine({ id, status, durationMs, reused, error }: StageState): string {
  const took = durationMs === undefined ? '' : `  ${duration(durationMs)}`;
  return `${marks[status]} ${id}${took}${reused ? '  (reused)' : ''}${error ? `: ${error}` : ''}${endings[status] ?? ''}`;
}

/** How to decide about a parked stage, ready to be pasted. */
function decisionHint(workflowId: string, { id, skippable }: StageState): string {
  return [
    `    overture runs retry ${workflowId} ${id}   (--set key=value changes its input)`,
    ...(skippable ? [`    overture runs skip ${workflowId} ${id}`] : []),
    `    overture runs abort ${workflowId}`,
  ].join('\n');
}

/** What a gate asks, on which numbers, and how to answer. */
function answerHint(workflowId: string, { id, question, input }: StageState): string {
  return [`    ${question ?? id}  ${JSON.stringify(input)}`, ...['approve', 'reject'].map((answer) => `    overture runs ${answer} ${workflowId} ${id} --by NAME --reason "…"`)].join('\n');
}

function stageText(stage: StageState, beat: RunBeat | undefined, { since, now }: { readonly since: { step: number; at: number } | undefined; readonly now: number }): string {
  const name = beat?.child === undefined ? stage.id : `${stage.id} ${beat.stage}`;
  if (beat?.training) {
    const { step, totalSteps, epoch, loss } = beat.training;
    const rate = since && now > since.at && step > since.step ? (step - since.step) / ((now - since.at) / 1_000) : undefined;
    const left = rate === undefined ? '' : `, ${rate.toFixed(1)} steps/s, ${duration((1_000 * (totalSteps - step)) / rate)} left`;
    return `▶ ${name}  epoch ${epoch}, step ${step} of ${totalSteps}${loss === null ? '' : `, loss ${loss.toFixed(3)}`}${left}`;
  }
  const share = beat?.total ? `  ${beat.done ?? 0} of ${beat.total}` : '';
  return `▶ ${name}${share}${beat?.message ? `  ${beat.message}` : ''}`;
}
