import { overture as application } from '@overture/contracts';
import { defineStage, pipeline } from '@overture/dag';
import { z } from 'zod';
import { durable } from '@overture/durable';

const ingest = defineStage({
  name: 'ingest',
  version: 1,
  summary: 'Takes longer than it may.',
  queue: 'light',
  timeouts: { startToClose: 1 },
  retry: { maximumAttempts: 1 },
  input: z.strictObject({ text: z.string() }),
  output: z.looseObject({}),
});

/** A workflow with one stage that times out after one second. */
export const hurried = durable(
  pipeline('hurried', z.looseObject({}), (_, run) => ({ done: run(ingest, { text: 'a' }) })),
  { application },
);
