import { basename, extname, resolve } from 'node:path';
import { counterRandom } from '@overture/core';
import {
  defaultReadLimits,
  labelableTurns,
  labeledLine,
  labelingRules,
  openCorpus,
  parseRuleName,
  personSource,
  readLines,
  ruleSource,
  type LabelableTurn,
  type LabelingRuleName,
} from '@overture/dialogue';
import type { CliContext } from '../context.ts';
import { askLabels } from '../labeling/ask-labels.ts';
import { labelJournal } from '../labeling/label-journal.ts';
import { LabelQueue } from '../labeling/label-queue.ts';
import { terminalKeys } from '../labeling/terminal-keys.ts';
import { assertFree, writeLines } from '../write-lines.ts';

/** Options of `overture corpus label`. */
export interface LabelCommandOptions {
  readonly rule?: string;
  readonly to?: string;
  readonly force?: boolean;
}

/** Maximum number of turns in one session; a larger corpus is sampled at random. */
const mostAsked = 2_000;

/**
 * `overture corpus label FILE`: a person labels system turns. With `--rule`, a rule labels the turns without
 * a label. Needs no stack.
 * @param keys key presses
 */
export async function label(
  context: CliContext,
  path: string,
  options: LabelCommandOptions,
  keys?: AsyncIterable<string>,
): Promise<void> {
  const { cwd, terminal } = context;
  const file = resolve(cwd, path);
  const to = options.to === undefined ? file : resolve(cwd, options.to);
  if (to !== file && !options.force) await assertFree(to);
  await openCorpus(file, { format: 'jsonl' });
  if (options.rule !== undefined) return labelByRule(context, { file, to }, parseRuleName(options.rule));

  const rule: LabelingRuleName = 'question';
  const journal = labelJournal(`${file}.labels`);
  const queue = new LabelQueue(await turnsToAsk(context, file), rule);
  const before = await journal.read();
  for (const answer of before) queue.answer(answer);
  if (before.length > 0) terminal.note(`Resuming after ${before.length} answers of ${journal.file}.`);
  await askLabels(queue, { keys: keys ?? terminalKeys(process.stdin), journal, terminal });

  const labels = new Map(
    queue.answers.flatMap(({ id, initiative }) => (initiative === null ? [] : [[id, initiative] as const])),
  );
  if (labels.size > 0) {
    await rewrite(context, { file, to }, (turn) => {
      const initiative = labels.get(turn.id);
      return initiative === undefined ? undefined : { initiative, labelSource: personSource };
    });
  }
  await journal.remove();
  const { agreed, of } = queue.agreement();
  if (terminal.json)
    return terminal.printJson({
      to,
      labeled: labels.size,
      skipped: queue.answers.length - labels.size,
      rule,
      agreement: { agreed, of },
    });
  terminal.print(
    `${to}: ${labels.size} turns labeled by you.${of === 0 ? '' : ` The rule ${rule} agrees on ${agreed} of the ${of} that were drawn at random.`}`,
  );
}

async function labelByRule(
  context: CliContext,
  files: { readonly file: string; readonly to: string },
  rule: LabelingRuleName,
): Promise<void> {
  const { terminal } = context;
  const counts = { initiative: 0, noInitiative: 0, kept: 0 };
  await rewrite(context, files, ({ turn }) => {
    if (turn.labeled) {
      counts.kept++;
      return undefined;
    }
    const initiative = labelingRules[rule].takesInitiative(turn.text);
    counts[initiative ? 'initiative' : 'noInitiative']++;
    return { initiative, labelSource: ruleSource(rule) };
  });
  if (terminal.json) return terminal.printJson({ to: files.to, rule, ...counts });
  const { title, onMsdialog } = labelingRules[rule];
  terminal.print(
    `${files.to}: labeled by rule ${rule} (${title}): ${counts.initiative} turns with initiative, ${counts.noInitiative} without; ${counts.kept} had a label and kept it. On MSDialog this rule agrees with human labels at macro-F1 ${onMsdialog.macroF1.toFixed(2)}.`,
  );
}

/** The turns that no person has labeled, or a random sample if there are too many. */
async function turnsToAsk({ interrupt: signal }: CliContext, file: string): Promise<LabelableTurn[]> {
  const random = counterRandom(0, 'turns-to-ask');
  const sample: LabelableTurn[] = [];
  let seen = 0;
  for await (const conversation of (await openCorpus(file, { format: 'jsonl' })).conversations({ signal })) {
    for (const turn of labelableTurns(conversation)) {
      if (turn.turn.labelSource === personSource) continue;
      // Reservoir sampling (Vitter 1985, algorithm R): every turn has the same chance.
      const at = seen < mostAsked ? seen : random.below(seen, seen + 1);
      if (at < mostAsked) sample[at] = turn;
      seen++;
    }
  }
  return sample;
}

async function rewrite(
  { randomId, interrupt: signal }: CliContext,
  { file, to }: { readonly file: string; readonly to: string },
  decide: Parameters<typeof labeledLine>[2],
): Promise<void> {
  async function* lines(): AsyncGenerator<string> {
    for await (const { text, number } of readLines(file, defaultReadLimits, signal))
      if (text.trim() !== '')
        yield labeledLine(text, { file, line: number, name: basename(file, extname(file)) }, decide);
  }
  await writeLines(to, lines(), { force: true, draftId: randomId().slice(0, 8) });
}
