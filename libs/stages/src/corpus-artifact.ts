import type { ArtifactStore } from '@overture/artifacts';
import type { SplitName } from '@overture/contracts';
import type { ArtifactRef } from '@overture/protocol';
import { AppError } from '@overture/core';
import {
  examplesOf,
  parseConversationLine,
  type Conversation,
  type Example,
  type LabelRule,
} from '@overture/dialogue';

/** The lines of a text artifact, without line ends. Holds one line and one chunk at a time. */
export function artifactLines(artifacts: ArtifactStore, ref: ArtifactRef): AsyncGenerator<string> {
  return linesOf(artifacts.read(ref));
}

/** The lines of a chunked UTF-8 text, without line ends. */
export async function* linesOf(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  let held = '';
  for await (const chunk of chunks) {
    const lines = (held + decoder.decode(chunk, { stream: true })).split('\n');
    held = lines.pop() ?? '';
    yield* lines;
  }
  held += decoder.decode();
  if (held !== '') yield held;
}

/** The conversations of an ingested corpus. */
export async function* corpusConversations(
  artifacts: ArtifactStore,
  corpus: ArtifactRef<'corpus'>,
): AsyncGenerator<Conversation> {
  let line = 0;
  for await (const text of artifactLines(artifacts, corpus))
    yield parseConversationLine(text, { file: `corpus ${corpus.digest}`, line: ++line });
}

/**
 * The examples of some splits of an ingested corpus, in corpus order, keyed by split.
 * @throws AppError `SPLIT_EMPTY` if a split has none
 */
export async function examplesBySplit<S extends SplitName>(
  artifacts: ArtifactStore,
  corpus: ArtifactRef<'corpus'>,
  { rule, splits }: { readonly rule: LabelRule; readonly splits: readonly S[] },
): Promise<Record<S, Example[]>> {
  const found = Object.fromEntries(splits.map((split) => [split, []])) as unknown as Record<S, Example[]>;
  for await (const conversation of corpusConversations(artifacts, corpus)) {
    const examples = found[conversation.split as S] as Example[] | undefined;
    examples?.push(...examplesOf(conversation, rule));
  }
  for (const split of splits) {
    if (found[split].length > 0) continue;
    throw new AppError(
      'SPLIT_EMPTY',
      `The corpus must have labeled system turns in its split ${split}. Got none: choose another split, or give the corpus one (evaluation.split, corpus.split).`,
      { details: { split } },
    );
  }
  return found;
}
