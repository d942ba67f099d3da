import type { ArtifactStore } from '@overture/artifacts';
import type { ArtifactRef } from '@overture/protocol';
import { z } from 'zod';
import { artifactLines } from './corpus-artifact.ts';

/** One line of a predictions artifact: a prediction for an example that the model was not trained on. */
export const outOfFoldLine = z.object({
  /** `conversation#turn` */
  id: z.string(),
  conversation: z.string(),
  turn: z.int(),
  label: z.union([z.literal(0), z.literal(1)]),
  probability: z.number(),
  threshold: z.number(),
  fold: z.int(),
  seed: z.int(),
  /** The model's text was not a valid answer. This counts as no initiative. */
  unparsable: z.literal(true).optional(),
});
/** A line of a predictions artifact. */
export type OutOfFoldLine = z.output<typeof outOfFoldLine>;

/** Stores predictions as JSON Lines. */
export function putPredictions(
  artifacts: ArtifactStore,
  lines: readonly OutOfFoldLine[],
): Promise<ArtifactRef<'predictions'>> {
  return artifacts.put(
    'predictions',
    new TextEncoder().encode(lines.map((line) => `${JSON.stringify(line)}\n`).join('')),
  );
}

/** The inverse of `putPredictions`. */
export async function readPredictions(
  artifacts: ArtifactStore,
  ref: ArtifactRef<'predictions'>,
): Promise<OutOfFoldLine[]> {
  const lines: OutOfFoldLine[] = [];
  for await (const line of artifactLines(artifacts, ref)) lines.push(outOfFoldLine.parse(JSON.parse(line)));
  return lines;
}
