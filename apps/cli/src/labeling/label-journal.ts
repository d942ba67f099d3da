import { appendFile, readFile, rm } from 'node:fs/promises';
import type { Answer, Draw } from './label-queue.ts';

/**
 * Answers that are not in the corpus yet, one per line in the order in which they were entered. An
 * interrupted session is resumed from them.
 */
export interface LabelJournal {
  readonly file: string;
  /** The answers so far. An incomplete last line is dropped. */
  read(): Promise<Answer[]>;
  add(answer: Answer): Promise<void>;
  /** Removes the last answer about a turn. */
  undo(id: string): Promise<void>;
  remove(): Promise<void>;
}

/** A journal in a JSON Lines file; the file is created by the first answer. */
export function labelJournal(file: string): LabelJournal {
  const append = (entry: object): Promise<void> => appendFile(file, `${JSON.stringify(entry)}\n`);
  return {
    file,
    async read() {
      const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
        if (error.code === 'ENOENT') return '';
        throw error;
      });
      const answers: Answer[] = [];
      for (const line of text.split('\n').slice(0, -1)) {
        const entry = JSON.parse(line) as {
          id: string;
          initiative?: boolean | null;
          draw?: Draw;
          undo?: true;
        };
        if (entry.undo)
          answers.splice(
            answers.findLastIndex(({ id }) => id === entry.id),
            1,
          );
        else
          answers.push({
            id: entry.id,
            initiative: entry.initiative ?? null,
            draw: entry.draw ?? 'uncertain',
          });
      }
      return answers;
    },
    add: append,
    undo: (id) => append({ id, undo: true }),
    remove: () => rm(file, { force: true }),
  };
}
