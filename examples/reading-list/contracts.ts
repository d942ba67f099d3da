import { defineStage } from '@overture/dag';
import { artifact } from '@overture/protocol';
import { z } from 'zod';

export const listTexts = defineStage({
  name: 'listTexts',
  version: 1,
  summary: 'List the texts of a folder',
  queue: 'light',
  input: z.strictObject({ folder: z.string() }),
  output: z.object({ texts: z.array(z.object({ name: z.string(), text: artifact('text') })) }),
});

export const countWords = defineStage({
  name: 'countWords',
  version: 1,
  summary: 'Count the words of a text',
  queue: 'heavy',
  input: z.strictObject({ name: z.string(), text: artifact('text') }),
  output: z.object({ line: z.string(), words: z.int() }),
});

export const writeList = defineStage({
  name: 'writeList',
  version: 1,
  summary: 'Write the reading list',
  queue: 'light',
  reusable: false, // it writes a file, so it runs every time
  input: z.strictObject({ folder: z.string(), lines: z.array(z.string()) }),
  output: z.object({ file: z.string() }),
});
