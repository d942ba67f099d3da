import type { QueueName } from '@overture/contracts';

/** How many stages of a queue a worker has at work at a time: light ones wait more than they compute, a training wants the machine to itself. */
export const stagesAtOnce = { light: 8, train: 1 } as const satisfies Readonly<Record<QueueName, number>>;
