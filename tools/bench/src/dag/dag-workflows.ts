import { overture, taskQueues } from '@overture/contracts';
import { durable } from '@overture/durable';
import { proxyActivities } from '@temporalio/workflow';
import { noOpDag, parentsOf, type Shape } from './no-op-dag.ts';

/** The DAG as an Overture pipeline: durable, recorded in the registry, reusable. */
export const overtureDag = durable({ ...noOpDag, name: 'overtureDag' }, { application: overture });

const { bareNoOp } = proxyActivities<{
  bareNoOp(request: { place: number; from: readonly number[] }): Promise<{ value: number }>;
}>({
  taskQueue: taskQueues.light,
  startToCloseTimeout: '30 minutes',
  heartbeatTimeout: '1 minute',
});

/** The same activities with the same dependencies and nothing else: the overhead of Temporal itself. */
export async function bareDag({ wide, deep }: Shape): Promise<readonly number[]> {
  let level: Promise<{ value: number }>[] = [];
  for (let depth = 0; depth < deep; depth++) {
    const before = level;
    level = Array.from({ length: wide }, async (_, column) => {
      const parents =
        depth === 0 ? [] : parentsOf(column, wide).map((parent) => before[parent] as (typeof before)[number]);
      const from = (await Promise.all(parents)).map(({ value }) => value);
      return bareNoOp({ place: depth * wide + column, from });
    });
  }
  return (await Promise.all(level)).map(({ value }) => value);
}
