/** The task queues by resource: many light stages at a time on a worker, one training at a time. */
export const taskQueues = { light: 'overture-light', train: 'overture-train' } as const;

export type QueueName = keyof typeof taskQueues;
