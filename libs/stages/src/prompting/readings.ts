import type { promptFold } from '@overture/contracts';
import type { z } from 'zod';
import type { Reading } from './answer.ts';
import { readScores } from './read-scores.ts';
import { readText } from './read-text.ts';

/** The ways to read an answer, one per row. */
export const readings: Readonly<Record<z.output<typeof promptFold.input>['read'], Reading>> = {
  scores: readScores,
  text: readText,
};
