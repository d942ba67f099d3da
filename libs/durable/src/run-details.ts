import type { Application, RunState, StageState, StageStatus } from '@overture/protocol';
import { shortDigest, shorten } from '@overture/core';

const marks: Record<StageStatus, string> = {
  waiting: '· waiting',
  running: '▶ running',
  parked: '⏸ parked',
  asking: '? asking',
  done: '✓ done',
  failed: '✗ failed',
  skipped: '↷ skipped',
  cancelled: '■ canceled',
  unreached: '– not reached',
};

/** Temporal's limit for details is 20 KB, and users read the first screen. */
const limits = { rows: 60, parked: 5, input: 1500 } as const;

/**
 * Formats a run as Markdown for the details in the Temporal UI: what waits for a user and how to decide, the
 * failures, and a table of stages.
 */
export function runDetails(
  { pipeline, status, stages }: RunState,
  { controlUpdate }: Pick<Application, 'controlUpdate'>,
): string {
  const parked = stages.filter((stage) => stage.status === 'parked');
  const asking = stages.filter((stage) => stage.status === 'asking');
  const accepting = stages.filter(({ controls = [] }) => controls.length > 0);
  const failures = stages.filter((stage) => stage.status !== 'parked' && stage.error !== undefined);
  return [
    `### ${pipeline}: ${status}`,
    ...parked.slice(0, limits.parked).flatMap(parkedStage),
    ...(parked.length > limits.parked
      ? ['', `${parked.length - limits.parked} more stages are parked; the query \`state\` has them all.`]
      : []),
    ...asking.slice(0, limits.parked).flatMap(askingGate),
    ...(parked.length + asking.length > 0 ? ['', ...howToStop] : []),
    '',
    ...table(stages),
    ...accepting.slice(0, 1).flatMap((stage) => howToControl(stage, controlUpdate)),
    ...failures.slice(0, limits.parked).flatMap(({ id, error }) => ['', `**${id}**: ${error}`]),
  ].join('\n');
}

const howToStop = ['To give up, send the Update **abort**:', '', '```json', '{"reason": "…"}', '```'];

function howToControl({ id, controls = [] }: StageState, update: string): string[] {
  const written = controls.map((action) => JSON.stringify({ stage: id, action }));
  return [
    '',
    `${id} is running and accepts requests. Send the Update **${update}** with one of these:`,
    '',
    '```json',
    ...written,
    '```',
  ];
}

function parkedStage({
  id,
  error,
  errorCode,
  input,
  inputKeys = [],
  skippable,
  waitsUntil,
  overrides,
}: StageState): string[] {
  const written = JSON.stringify(input, null, 1);
  const changed =
    overrides === undefined
      ? []
      : ['', `Changed by hand so far: \`${shorten(JSON.stringify(overrides), limits.input)}\``];
  return [
    '',
    `#### ${id} has failed and waits for you`,
    '',
    `> ${(error ?? '').replaceAll('\n', '\n> ')}${errorCode === undefined ? '' : ` (${errorCode})`}`,
    '',
    `Fix the cause, then send the Update **retryStage** (*More Actions*, *Send an Update*):`,
    '',
    '```json',
    JSON.stringify({ stage: id }),
    '```',
    '',
    'To change its input at the same time, add what differs; a `null` removes a key:',
    '',
    '```json',
    `{"stage": ${JSON.stringify(id)}, "overrides": {${exampleOverride(input, inputKeys)}}}`,
    '```',
    '',
    keysText(inputKeys),
    '',
    'Its input was:',
    '',
    '```json',
    shorten(written, limits.input),
    '```',
    ...changed,
    ...(skippable
      ? [
          '',
          'To go on without it, send the Update **skipStage**:',
          '',
          '```json',
          JSON.stringify({ stage: id }),
          '```',
        ]
      : []),
    ...(waitsUntil === undefined
      ? []
      : ['', `If nobody decides, the run fails at ${waitsUntil.slice(0, 16).replace('T', ' ')} UTC.`]),
  ];
}

function keysText(keys: readonly string[]): string {
  return `Its keys: ${keys.map((key) => `\`${key}\``).join(', ')}.`;
}

function askingGate({ id, question, input }: StageState): string[] {
  return [
    '',
    `#### ${question ?? id}`,
    '',
    `The gate ${id} waits for your answer. It is to be decided on:`,
    '',
    '```json',
    shorten(JSON.stringify(input, null, 1), limits.input),
    '```',
    '',
    'Send the Update **decideGate**:',
    '',
    '```json',
    JSON.stringify({ gate: id, approve: true, by: '…', reason: '…' }),
    '```',
  ];
}

/**
 * An example with the first key whose value is plain or missing: users change a path or a number rather than
 * an artifact.
 */
function exampleOverride(input: unknown, keys: readonly string[]): string {
  const given =
    typeof input === 'object' && input !== null ? (input as Readonly<Record<string, unknown>>) : {};
  const key =
    keys.find(
      (each) =>
        given[each] === undefined || typeof given[each] === 'string' || typeof given[each] === 'number',
    ) ?? 'key';
  return `${JSON.stringify(key)}: ${shorten(JSON.stringify(given[key] ?? '…'), 200)}`;
}

/** If there are too many stages, shows running and failed ones first, then the rest in order. */
function table(stages: readonly StageState[]): string[] {
  const calm = (stage: StageState): boolean =>
    stage.status === 'done' || stage.status === 'waiting' || stage.status === 'unreached';
  const shown =
    stages.length <= limits.rows
      ? stages
      : [...stages.filter((stage) => !calm(stage)), ...stages.filter(calm)].slice(0, limits.rows);
  const rows = shown.map(
    (stage) =>
      `| ${stage.id} | ${marks[stage.status]} | ${stage.attempt ?? ''} | ${duration(stage)} | ${reuse(stage)} | ${artifacts(stage)} |`,
  );
  const rest = stages.length - shown.length;
  return [
    '| stage | state | attempt | took | reused | gives |',
    '|---|---|---|---|---|---|',
    ...rows,
    ...(rest === 0 ? [] : ['', `${rest} more stages; the query \`state\` has them all.`]),
  ];
}

/** Whether it was reused; if not, why. */
function reuse({ reused, reasons }: StageState): string {
  if (reused === undefined || reused) return reused ? 'yes' : '';
  return reasons === undefined ? 'no' : `no: ${reasons.join('; ').replaceAll('|', '\\|')}`;
}

function duration({ durationMs }: StageState): string {
  if (durationMs === undefined) return '';
  return durationMs < 1000
    ? `${Math.round(durationMs)} ms`
    : durationMs < 60_000
      ? `${(durationMs / 1000).toFixed(1)} s`
      : `${Math.floor(durationMs / 60_000)} min ${Math.round((durationMs % 60_000) / 1000)} s`;
}

function artifacts({ artifacts: given = [], child }: StageState): string {
  return child === undefined
    ? given.map(({ kind, digest }) => `${kind} \`${shortDigest(digest)}\``).join(', ')
    : `workflow \`${child}\``;
}
