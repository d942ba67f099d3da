import { z } from 'zod';

/** What the floors said about the examples of a split, in the corpus's order. */
export const floorsArtifact = z.object({
  split: z.string(),
  exampleIds: z.array(z.string()),
  floors: z.array(z.object({ name: z.string(), title: z.string().optional(), probabilities: z.array(z.number()) })),
});
