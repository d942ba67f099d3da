import type { Model } from '@overture/models';
import { answersTask } from './answers-task.ts';
import { initiativeTask } from './initiative-task.ts';
import { labelsTask } from './labels-task.ts';
import type { TaskRow } from './training-task.ts';

/** The training task for each kind of model head. */
export const taskTable: Readonly<Record<Model['task'], TaskRow>> = {
  classification: initiativeTask,
  'multi-label': labelsTask,
  causal: answersTask,
};
