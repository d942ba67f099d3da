import type { RunState, StageState, StageStatus } from '@overture/contracts';
import { shortDigest } from '@overture/core';

const marks: Record<StageStatus, string> = { waiting: '· waiting', running: '▶ running', done: '✓ done', failed: '✗ failed', cancelled: '■ cancelled', skipped: '– not reached' };

/** A run as Markdown for the Temporal UI's details: a table of stages, and below it what went wrong. */
export function runTable({ pipeline, status, stages }: RunState): string {
  const rows = stages.map((stage) => `| ${stage.id} | ${marks[stage.status]} | ${duration(stage)} | ${stage.reused === undefined ? '' : stage.reused ? 'yes' : `no${stage.reasons === undefined ? '' : `: ${stage.reasons.join('; ').replaceAll('|', '\\|')}`}`} | ${artifacts(stage)} |`);
  const failures = stages.flatMap((stage) => (stage.error === undefined ? [] : [`**${stage.id}**: ${stage.error}`]));
  return [`### ${pipeline}: ${status}`, '', '| stage | state | took | reused | gives |', '|---|---|---|---|---|', ...rows, ...failures.flatMap((failure) => ['', failure])].join('\n');
}

function duration({ durationMs }: StageState): string {
  if (durationMs === undefined) return '';
  return durationMs < 1000 ? `${Math.round(durationMs)} ms` : durationMs < 60_000 ? `${(durationMs / 1000).toFixed(1)} s` : `${Math.floor(durationMs / 60_000)} min ${Math.round((durationMs % 60_000) / 1000)} s`;
}

function artifacts({ artifacts: given = [] }: StageState): string {
  return given.map(({ kind, digest }) => `${kind} \`${shortDigest(digest)}\``).join(', ');
}
