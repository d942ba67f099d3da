import { defineStage } from '@overture/dag';
import { z } from 'zod';
import { artifact, digestSchema } from '@overture/protocol';

/** Registers the model under its name. A bundle that is already registered keeps its version. */
export const register = defineStage({
  name: 'register',
  version: 1,
  summary: 'Enter the model in the registry',
  queue: 'light',
  timeouts: { startToClose: 60 },
  input: z.strictObject({ name: z.string().min(1), bundle: artifact('bundle'), report: artifact('report') }),
  output: z.object({ name: z.string(), version: z.int(), digest: digestSchema }),
});
