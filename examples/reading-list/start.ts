import { stateQuery } from '@overture/durable';
import { Client, Connection } from '@temporalio/client';
import { reading } from './application.ts';

const connection = await Connection.connect({ address: process.env.TEMPORAL_ADDRESS ?? '127.0.0.1:7233' });
const handle = await new Client({ connection }).workflow.start('readingList', {
  taskQueue: reading.taskQueues[reading.workflowQueue],
  workflowId: `reading-${Date.now()}`,
  args: [{ folder: process.argv[2] ?? 'texts' }],
});
console.log(handle.workflowId, await handle.query(stateQuery));
await connection.close();
