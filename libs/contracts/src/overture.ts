import { defineApplication } from '@overture/protocol';

/**
 * The application Overture. `OvertureStatus = "parked" AND ExecutionStatus = "Running"` in the Temporal UI
 * finds its runs that wait for a user. Its cache keys have no scope, because they are older than scopes.
 */
export const overture = defineApplication({
  name: 'overture',
  // By resource: a worker runs many light stages at a time, but one training.
  queues: ['light', 'train'],
  // Model: the model's name in the registry. MacroF1: that of the report, from 0 to 1.
  searchAttributes: { Corpus: 'Keyword', Model: 'Keyword', MacroF1: 'Double' },
  controlUpdate: 'controlTraining',
  cacheScope: null,
});

/** The name of a task queue. */
export type QueueName = keyof typeof overture.taskQueues;

/** Temporal's task queues, and the search attributes that a worker registers. */
export const { taskQueues, searchAttributes } = overture;
