import type { LabelableTurn } from '@overture/dialogue';
import type { Terminal } from '../output/terminal.ts';
import type { LabelJournal } from './label-journal.ts';
import type { Draw, LabelQueue } from './label-queue.ts';

const help = 'y initiative   n no initiative   s skip   u undo   q save and quit';
/** Maximum characters shown per text. A longer one loses its middle, because its end has the question. */
const charactersShown = 1_500;

/**
 * Asks about one turn after another until the user quits or none is left. Each answer is written to the
 * journal before the next question.
 */
export async function askLabels(
  queue: LabelQueue,
  {
    keys,
    journal,
    terminal,
  }: {
    readonly keys: AsyncIterable<string>;
    readonly journal: LabelJournal;
    readonly terminal: Pick<Terminal, 'note'>;
  },
): Promise<void> {
  let asked = queue.next();
  if (asked === undefined) return terminal.note('Every system turn has an answer.');
  terminal.note(question(queue, asked));
  for await (const key of keys) {
    if (key === 'q' || key === 'quit' || key === 'escape') return;
    if (key === 'u') {
      const [last] = queue.answers.slice(-1);
      const back = queue.undo();
      if (last === undefined || back === undefined) {
        terminal.note('There is nothing to undo.');
        continue;
      }
      await journal.undo(last.id);
      asked = back;
    } else if (key === 'y' || key === 'n' || key === 's') {
      const answer = { id: asked.turn.id, initiative: key === 's' ? null : key === 'y', draw: asked.draw };
      await journal.add(answer);
      queue.answer(answer);
      asked = queue.next();
      if (asked === undefined) return terminal.note('That was the last one.');
    } else {
      terminal.note(help);
      continue;
    }
    terminal.note(question(queue, asked));
  }
}

function question(
  queue: LabelQueue,
  { turn, draw }: { readonly turn: LabelableTurn; readonly draw: Draw },
): string {
  const { agreed, of } = queue.agreement();
  const agreement = of === 0 ? '' : `   the rule agrees on ${agreed} of ${of} drawn at random`;
  return [
    '',
    `── ${queue.answers.length + 1} of ${queue.total}   ${turn.id}   ${draw === 'random' ? 'drawn at random' : 'a model is unsure'}${agreement}`,
    ...turn.history
      .slice(-3)
      .map(({ role, text }) => `${role === 'user' ? 'user  ' : 'system'}  ${shown(text)}`),
    `▶ system  ${shown(turn.turn.text)}`,
    `Does the system take the initiative here? The rule says ${queue.ruleSays(turn) ? 'yes' : 'no'}.   ${help}`,
  ].join('\n');
}

function shown(text: string): string {
  const plain = text.replaceAll(/[\u0000-\u0008\u000B-\u001F\u007F-\u009F]/g, ' ');
  return plain.length <= charactersShown
    ? plain
    : `${plain.slice(0, charactersShown / 2)} … ${plain.slice(-charactersShown / 2)}`;
}
