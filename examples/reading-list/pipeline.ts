import { isTrue, pipeline } from '@overture/dag';
import { runControl } from '@overture/protocol';
import { z } from 'zod';
import { countWords, listTexts, writeList } from './contracts.ts';

/** A folder of texts → a reading list, once somebody has approved it. */
export const readingListPipeline = pipeline(
  'readingList',
  z.strictObject({ folder: z.string().default('texts'), ...runControl }),
  ({ folder }, run) => {
    const { texts } = run(listTexts, { folder });
    const counted = run.each(texts, countWords, { wire: ({ name, text }) => ({ name, text }) });
    const gate = run.gate('approve', {
      summary: 'Write this reading list?',
      ask: true,
      show: { lines: counted.line },
    });
    const list = run(writeList, { folder, lines: counted.line }, { when: isTrue(gate.approved) });
    return { words: counted.words, decidedBy: gate.by, file: list.file };
  },
);
