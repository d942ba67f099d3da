import type { RunState, StageProgress, StageState, StageStatus } from '@overture/contracts';
import { duration } from './format.ts';
import type { Terminal } from './terminal.ts';

/** Shows a run as it comes along. */
export interface RunProgress {
  /** Prints what changed since the last state. */
  state(state: RunState): void;
  /** Shows what the running stages say of themselves. */
  heartbeats(beats: readonly StageProgress[]): void;
}

const marks: Readonly<Record<StageStatus, string>> = {
  waiting: '·', running: '▶', parked: '⏸', asking: '?', done: '✓', failed: '✗', skipped: '↷', cancelled: '■', unreached: '–',
};

export function runProgress(terminal: Terminal): RunProgress {
  const seen = new Map<string, StageStatus>();
  let running: readonly StageState[] = [];
  let training: { step: number; at: number } | undefined;
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
      const known = beats.filter(({ stage }) => running.some((each) => each.stage === stage || each.id === stage));
      const [beat] = known.filter((each) => each.training) ?? [];
      if (beat?.training) training ??= { step: beat.training.step, at: terminal.now() };
      const texts = running.map((stage) =>
        stageText(
          stage,
          known.find((each) => each.stage === stage.stage || each.stage === stage.id),
          training,
          terminal.now(),
        ),
      );
      if (texts.length > 0) terminal.progress(texts.join(', '));
    },
  };
}

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

function stageText(
  stage: StageState,
  beat: StageProgress | undefined,
  since: { step: number; at: number } | undefined,
  now: number,
): string {
  if (beat?.training) {
    const { step, totalSteps, epoch, loss } = beat.training;
    const rate = since && now > since.at && step > since.step ? (step - since.step) / ((now - since.at) / 1_000) : undefined;
    const left = rate === undefined ? '' : `, ${rate.toFixed(1)} steps/s, ${duration((1_000 * (totalSteps - step)) / rate)} left`;
    return `▶ ${stage.id}  epoch ${epoch}, step ${step} of ${totalSteps}${loss === null ? '' : `, loss ${loss.toFixed(3)}`}${left}`;
  }
  const share = beat?.total ? `  ${beat.done ?? 0} of ${beat.total}` : '';
  return `▶ ${stage.id}${share}${beat?.message ? `  ${beat.message}` : ''}`;
}
