/** The task queues by resource: a worker runs many light stages at a time, but one training. */
export const taskQueues = { light: 'overture-light', train: 'overture-train' } as const;

/** The name of a task queue. */
export type QueueName = keyof typeof taskQueues;
