import type { promptFold } from '@overture/contracts';
import type { z } from 'zod';
import type { Reading } from './answer.ts';
import { readScores } from './read-scores.ts';
import { readText } from './read-text.ts';

/** One way to get an answer, one row. */
export const readings: Readonly<Record<z.output<typeof promptFold.input>['read'], Reading>> = { scores: readScores, text: readText };
