import { resolve } from 'node:path';
import {
  convertExport,
  exportConverters,
  labelingRules,
  parseExportName,
  parseFieldMap,
  parseRuleName,
  type ConvertOptions,
  type ConvertSummary,
  type LabelingRuleName,
} from '@overture/dialogue';
import type { CliContext } from '../context.ts';
import { assertFree, writeLines } from '../write-lines.ts';

/** Options of `overture corpus convert`. */
export interface ConvertCommandOptions {
  readonly from: string;
  readonly to: string;
  readonly map: readonly string[];
  /** Which texts are HTML. Overrides the export format's default. */
  readonly html?: ConvertOptions['html'];
  /** The rule for weak labels on system turns. */
  readonly labels?: string;
  readonly force?: boolean;
}

/**
 * `overture corpus convert FILE --to corpus.jsonl`: needs no stack. With `--json`, prints one object: the
 * summary and the file.
 */
export async function convert(
  context: CliContext,
  path: string,
  options: ConvertCommandOptions,
): Promise<void> {
  const { terminal, cwd, interrupt: signal } = context;
  const [file, to] = [resolve(cwd, path), resolve(cwd, options.to)];
  const rule = options.labels === undefined ? undefined : parseRuleName(options.labels);
  const [from, map] = [parseExportName(options.from), parseFieldMap(options.map)];
  if (!options.force) await assertFree(to);
  const { lines, summary } = await convertExport(file, {
    from,
    map,
    html: options.html,
    rule,
    signal,
    onProgress: (done) =>
      done % 500 === 0 && terminal.progress(`converted ${done.toLocaleString('en-US')} conversations`),
  });
  await writeLines(to, lines, { force: options.force, draftId: context.randomId().slice(0, 8) });
  if (terminal.json) return terminal.printJson({ ...summary, to });
  terminal.print(summaryText(summary, { to: options.to, rule }));
}

function summaryText(
  { from, conversations, messages, labels, leftOut }: ConvertSummary,
  { to, rule }: { readonly to: string; readonly rule: LabelingRuleName | undefined },
): string {
  const count = (n: number, one: string, many = `${one}s`): string =>
    `${n.toLocaleString('en-US')} ${n === 1 ? one : many}`;
  const out = [
    [leftOut.prompts, 'system prompt'],
    [leftOut.notes, 'private note'],
    [leftOut.events, 'event'],
    [leftOut.emptyMessages, 'message without text', 'messages without text'],
    [leftOut.emptyConversations, 'conversation without messages', 'conversations without messages'],
    [
      leftOut.repeatedIds,
      'conversation with an id that came before',
      'conversations with ids that came before',
    ],
    [
      leftOut.tooLong,
      'conversation that is too long for a corpus',
      'conversations that are too long for a corpus',
    ],
  ].flatMap(([n, ...words]) =>
    (n as number) > 0 ? [count(n as number, ...(words as [string, string?]))] : [],
  );
  return [
    `${to}: ${count(conversations, 'conversation')} with ${count(messages, 'message')}, from ${exportConverters[from].title}.`,
    ...(out.length > 0 ? [`Left out: ${out.join(', ')}.`] : []),
    rule === undefined
      ? `The system's turns have no labels yet. Guess them by a rule (--labels question), or label them yourself: overture corpus label ${to}`
      : `Labeled by rule ${rule} (${labelingRules[rule].title}): ${labels.initiative.toLocaleString('en-US')} with initiative, ${labels.noInitiative.toLocaleString('en-US')} without. On MSDialog this rule agrees with human labels at macro-F1 ${labelingRules[rule].onMsdialog.macroF1.toFixed(2)}.`,
    `Next: overture corpus inspect ${to}`,
  ].join('\n');
}
