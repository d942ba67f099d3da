import type { QueueName } from '@overture/contracts';

/**
 * Maximum number of stages per queue that a worker runs at the same time. Light stages mostly wait; a
 * training uses the whole machine.
 */
export const stagesAtOnce = { light: 8, train: 1 } as const satisfies Readonly<Record<QueueName, number>>;
