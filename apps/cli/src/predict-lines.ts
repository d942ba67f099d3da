import { AppError } from '@overture/core';
import {
  nextSystemTurn,
  parseConversationLine,
  type Conversation,
  type ExampleInput,
  type Line,
} from '@overture/dialogue';
import type { Prediction, Predictor } from '@overture/inference';
import { inBatches, type BatchOptions } from './in-batches.ts';
import type { BadLine } from './stream-lines.ts';

/** The result for one line: a prediction, or an error. */
export type LineAnswer =
  Prediction | { readonly line: number; readonly error: { readonly code: string; readonly message: string } };

/** Options of `predictLines`. */
export interface PredictLinesOptions {
  /** The name of the input, for messages. */
  readonly file: string;
  readonly batch: BatchOptions;
  readonly threshold?: number;
  /** Drop the system's utterances after the user's last turn. The first of them is the one to predict. */
  readonly dropAnswer?: boolean;
  readonly signal: AbortSignal;
  /** Called once for each assumption about the input that the user should know. */
  readonly onNotice?: (notice: string) => void;
}

type Asked = { readonly example: ExampleInput } | Exclude<LineAnswer, Prediction>;

/**
 * One result for every line that is not blank, in order and as soon as it is ready. A bad line affects only
 * its own result.
 */
export async function* predictLines(
  predictor: Pick<Predictor, 'predict' | 'manifest'>,
  lines: AsyncIterable<Line | BadLine>,
  { file, batch, threshold, dropAnswer = false, signal, onNotice }: PredictLinesOptions,
): AsyncGenerator<LineAnswer> {
  for await (const asked of inBatches(
    read(lines, { file, manifest: predictor.manifest, dropAnswer, notices: speakerNotices(onNotice) }),
    batch,
  )) {
    const examples = asked.flatMap((each) => ('example' in each ? [each.example] : []));
    const predictions = await again(() => predictor.predict(examples, { threshold, signal }));
    let next = 0;
    for (const each of asked) yield 'error' in each ? each : (predictions[next++] as Prediction);
  }
}

interface Reading {
  readonly file: string;
  readonly manifest: Predictor['manifest'];
  readonly dropAnswer: boolean;
  readonly notices: (conversation: Conversation) => void;
}

async function* read(lines: AsyncIterable<Line | BadLine>, reading: Reading): AsyncGenerator<Asked> {
  for await (const line of lines) {
    if ('error' in line) yield refused(line.number, line.error);
    else if (line.text.trim() !== '') yield understood(line, reading);
  }
}

function understood({ text, number }: Line, { file, manifest, dropAnswer, notices }: Reading): Asked {
  try {
    const conversation = parseConversationLine(text, { file, line: number });
    notices(conversation);
    return {
      example: {
        ...nextSystemTurn(dropAnswer ? withoutAnswer(conversation) : conversation, manifest.text.protocol),
        id: conversation.id,
      },
    };
  } catch (error) {
    if (error instanceof AppError) return refused(number, error);
    throw error;
  }
}

/**
 * The conversation up to the user's last utterance. A conversation without one stays unchanged and is refused
 * later.
 */
function withoutAnswer(conversation: Conversation): Conversation {
  const last = conversation.utterances.findLastIndex(({ role }) => role === 'user');
  return last < 0
    ? conversation
    : { ...conversation, utterances: conversation.utterances.slice(0, last + 1) };
}

/** Reports once that system prompts were left out, and that an opening may be a system prompt. */
function speakerNotices(
  onNotice: ((notice: string) => void) | undefined,
): (conversation: Conversation) => void {
  const said = new Set<string>();
  const once = (kind: string, notice: string): void => {
    if (said.has(kind)) return;
    said.add(kind);
    onNotice?.(notice);
  };
  return ({ id, source, prompts, agentWords, utterances }) => {
    const where = `Line ${source?.line ?? '?'} (${id})`;
    const answers = utterances.filter(({ role }) => role === 'system').length;
    if (prompts) once('prompt', `${where} has a system prompt, which is left out, as in training.`);
    if (answers === 1 && utterances[0]?.role === 'system' && agentWords === 'system')
      once(
        'opening',
        `${where} opens with the role system, and nobody else answers: it is read as what the system says first. For a system prompt, use the role developer, or leave it out.`,
      );
  };
}

function refused(line: number, { code, message }: AppError): Exclude<LineAnswer, Prediction> {
  return { line, error: { code, message } };
}

/** Retries once after a transient failure, such as a process that died. */
async function again<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof AppError && error.retryable) return work();
    throw error;
  }
}
