import { appendFile, readFile, rm } from 'node:fs/promises';
import type { Answer, Draw } from './label-queue.ts';

/** Answers on the way into a corpus, one per line as they are given: a session that breaks off is resumed from them. */
export interface LabelJournal {
  readonly file: string;
  /** The answers so far; a last line that was cut off is dropped. */
  read(): Promise<Answer[]>;
  add(answer: Answer): Promise<void>;
  /** Takes the last answer back. */
  undo(id: string): Promise<void>;
  remove(): Promise<void>;
}

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
        const entry = JSON.parse(line) as { id: string; initiative?: boolean | null; draw?: Draw; undo?: true };
        if (entry.undo)
          answers.splice(
            answers.findLastIndex(({ id }) => id === entry.id),
            1,
          );
        else answers.push({ id: entry.id, initiative: entry.initiative ?? null, draw: entry.draw ?? 'uncertain' });
      }
      return answers;
    },
    add: append,
    undo: (id) => append({ id, undo: true }),
    remove: () => rm(file, { force: true }),
  };
}
