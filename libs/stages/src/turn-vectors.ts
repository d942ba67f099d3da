import type { ArtifactStore } from '@overture/artifacts';
import type { ArtifactRef } from '@overture/protocol';
import type { TurnView } from '@overture/baselines';
import { AppError } from '@overture/core';
import { float32, encodeSafetensors, parseSafetensors, tensor } from '@overture/tensors';

/** One vector for each turn of each conversation. */
export interface TurnVectors {
  /** Each conversation's id and its number of turns, in the order of the vectors. */
  readonly conversations: readonly (readonly [id: string, turns: number])[];
  /** float32 [turns, width]; each vector has length 1. */
  readonly vectors: Float32Array;
  /** int32 [turns]: the number of words. */
  readonly words: Int32Array;
  /** uint8 [turns]: 1 if the turn contains a question mark. */
  readonly questions: Uint8Array;
}

/** Stores turn vectors as a safetensors artifact. */
export function putTurnVectors(
  artifacts: ArtifactStore,
  { conversations, vectors, words, questions }: TurnVectors,
): Promise<ArtifactRef<'turn-vectors'>> {
  const count = words.length;
  const names = new TextEncoder().encode(JSON.stringify(conversations));
  return artifacts.put(
    'turn-vectors',
    encodeSafetensors(
      new Map([
        ['conversations', tensor('uint8', [names.length], names)],
        ['vectors', float32([count, vectors.length / count], vectors)],
        ['words', tensor('int32', [count], words)],
        ['questions', tensor('uint8', [count], questions)],
      ]),
    ),
  );
}

/**
 * Reads turn vectors.
 * @returns a function from a conversation id to the views of its turns, which throws `TURNS_MISFIT` for an
 *   unknown id
 * @throws AppError `SAFETENSORS_INVALID`
 */
export async function readTurnViews(
  artifacts: ArtifactStore,
  ref: ArtifactRef<'turn-vectors'>,
): Promise<(conversation: string) => readonly TurnView[]> {
  const { tensors } = parseSafetensors(await artifacts.readBytes(ref), `turn vectors ${ref.digest}`);
  const [names, vectors, words, questions] = ['conversations', 'vectors', 'words', 'questions'].map(
    (name) => tensors.get(name)?.data,
  ) as [Uint8Array, Float32Array, Int32Array, Uint8Array];
  const width = vectors.length / words.length;
  const views = new Map<string, TurnView[]>();
  let next = 0;
  for (const [id, turns] of JSON.parse(new TextDecoder().decode(names)) as TurnVectors['conversations']) {
    views.set(
      id,
      Array.from({ length: turns }, (_, i) => ({
        vector: vectors.subarray((next + i) * width, (next + i + 1) * width),
        words: words[next + i]!,
        questions: questions[next + i] === 1,
      })),
    );
    next += turns;
  }
  return (conversation) => {
    const found = views.get(conversation);
    if (found !== undefined) return found;
    throw new AppError(
      'TURNS_MISFIT',
      `Every conversation of the fold must have its turns embedded. ${conversation} has not: embed the turns of the same corpus.`,
      { details: { conversation } },
    );
  };
}
