import { AppError } from '@overture/core';
import { encodeSafetensors, parseSafetensors, tensor, type Tensor } from '@overture/tensors';

/** Examples as token ids, for training and scoring: a few flat arrays for any number of examples (n). */
export interface TokenSet {
  /** int32 [tokens]: all examples, concatenated without padding. */
  readonly ids: Int32Array;
  /** int32 [n + 1]: the ids of example i are those from `offsets[i]` to `offsets[i + 1]`. */
  readonly offsets: Int32Array;
  /** uint8 [n]: 1 = the system takes the initiative. Zeros if `flags` or `answerStarts` define the target. */
  readonly labels: Uint8Array;
  /** uint8 [n · k]: the targets of a multi-label task with k labels, k times 0 or 1 for each example. */
  readonly flags?: Uint8Array;
  /** int32 [n]: for examples that are a prompt and its answer, the index at which the answer begins. */
  readonly answerStarts?: Int32Array;
  /** uint8 [n]: index into `splitNames`. */
  readonly splits: Uint8Array;
  readonly splitNames: readonly string[];
  /** int32 [n]: 0-based ordinal of the system turn. */
  readonly turns: Int32Array;
  /** `conversationId#systemTurn` */
  readonly exampleIds: readonly string[];
  readonly vocabSize: number;
  readonly padId: number;
  /** Maximum tokens of an example. */
  readonly maxLength: number;
  readonly templateVersion: number;
  /** The sentence about weak labels in reports and cards; absent if there are none. */
  readonly weakLabels?: string;
}

/** The ids of example i, as a view. */
export function idsOf(tokens: TokenSet, i: number): Int32Array {
  return tokens.ids.subarray(tokens.offsets[i], tokens.offsets[i + 1]);
}

/** int32 [n]: number of tokens of each example. */
export function lengthsOf(tokens: TokenSet): Int32Array {
  return Int32Array.from(
    tokens.labels,
    (_, i) => (tokens.offsets[i + 1] as number) - (tokens.offsets[i] as number),
  );
}

/** The indices of a split's examples, in order; empty if the corpus has no such split. */
export function examplesOfSplit(tokens: TokenSet, split: string): Int32Array {
  const wanted = tokens.splitNames.indexOf(split);
  return Int32Array.from(Array.from(tokens.splits.keys()).filter((i) => tokens.splits[i] === wanted));
}

/** A token set as a safetensors file. Equal sets produce equal bytes. */
export function encodeTokenSet(tokens: TokenSet): Uint8Array {
  const names = new TextEncoder().encode(JSON.stringify(tokens.exampleIds));
  const tensors = new Map<string, Tensor>([
    ['ids', tensor('int32', [tokens.ids.length], tokens.ids)],
    ['offsets', tensor('int32', [tokens.offsets.length], tokens.offsets)],
    ['labels', tensor('uint8', [tokens.labels.length], tokens.labels)],
    ['splits', tensor('uint8', [tokens.splits.length], tokens.splits)],
    ['turns', tensor('int32', [tokens.turns.length], tokens.turns)],
    ['exampleIds', tensor('uint8', [names.length], names)],
  ]);
  const { flags, answerStarts } = tokens;
  if (flags !== undefined) tensors.set('flags', tensor('uint8', [flags.length], flags));
  if (answerStarts !== undefined)
    tensors.set('answerStarts', tensor('int32', [answerStarts.length], answerStarts));
  const { splitNames, vocabSize, padId, maxLength, templateVersion, weakLabels } = tokens;
  return encodeSafetensors(tensors, {
    tokenSet: JSON.stringify({ splitNames, vocabSize, padId, maxLength, templateVersion, weakLabels }),
  });
}

/**
 * The inverse of `encodeTokenSet`; arrays are views into `bytes` if alignment allows.
 * @param where the file's name, for messages
 * @throws AppError `TOKEN_SET_INVALID`, `SAFETENSORS_INVALID`
 */
export function decodeTokenSet(bytes: Uint8Array, where: string): TokenSet {
  const { tensors, metadata } = parseSafetensors(bytes, where);
  const data = <T>(name: string, array: new () => T): T => {
    const found = tensors.get(name)?.data;
    if (found instanceof array) return found as T;
    throw invalid(where, `the tensor ${name} is missing or of another type`);
  };
  const header = parseHeader(metadata['tokenSet'], where);
  const tokens: TokenSet = {
    ids: data('ids', Int32Array),
    offsets: data('offsets', Int32Array),
    labels: data('labels', Uint8Array),
    splits: data('splits', Uint8Array),
    turns: data('turns', Int32Array),
    exampleIds: parseIds(data('exampleIds', Uint8Array), where),
    ...header,
    ...(tensors.has('flags') ? { flags: data('flags', Uint8Array) } : {}),
    ...(tensors.has('answerStarts') ? { answerStarts: data('answerStarts', Int32Array) } : {}),
  };
  const problem = problemOf(tokens);
  if (problem) throw invalid(where, problem);
  return tokens;
}

type Header = Pick<
  TokenSet,
  'splitNames' | 'vocabSize' | 'padId' | 'maxLength' | 'templateVersion' | 'weakLabels'
>;

function parseHeader(text: string | undefined, where: string): Header {
  if (text === undefined) throw invalid(where, 'its metadata has no tokenSet');
  const header = parseJson(text, where) as Header;
  const numbers = [header.vocabSize, header.padId, header.maxLength, header.templateVersion];
  if (Array.isArray(header.splitNames) && numbers.every((number) => Number.isSafeInteger(number)))
    return header;
  throw invalid(where, 'its metadata does not name splits, vocabSize, padId, maxLength and templateVersion');
}

function parseIds(bytes: Uint8Array, where: string): string[] {
  const ids = parseJson(new TextDecoder().decode(bytes), where);
  if (Array.isArray(ids) && ids.every((id) => typeof id === 'string')) return ids;
  throw invalid(where, 'exampleIds is not a list of strings');
}

function parseJson(text: string, where: string): unknown {
  try {
    return JSON.parse(text) ?? {};
  } catch {
    throw invalid(where, 'a part of it that should be JSON is not');
  }
}

/** The first inconsistency of a token set, in words; undefined if it is valid. */
function problemOf({
  ids,
  offsets,
  labels,
  splits,
  turns,
  exampleIds,
  splitNames,
  vocabSize,
  flags,
  answerStarts,
}: TokenSet): string | undefined {
  const n = labels.length;
  if (offsets.length !== n + 1 || splits.length !== n || turns.length !== n || exampleIds.length !== n)
    return 'its arrays are of different numbers of examples';
  if (
    offsets[0] !== 0 ||
    offsets[n] !== ids.length ||
    offsets.some((offset, i) => i > 0 && offset <= (offsets[i - 1] as number))
  )
    return 'its offsets do not cover its ids';
  if (labels.some((label) => label > 1)) return 'a label is neither 0 nor 1';
  if (flags !== undefined && (n === 0 || flags.length % n !== 0 || flags.some((flag) => flag > 1)))
    return 'its flags are not 0 or 1, as many for each example';
  if (
    answerStarts !== undefined &&
    (answerStarts.length !== n ||
      answerStarts.some(
        (start, i) => !(start >= 1 && start < (offsets[i + 1] as number) - (offsets[i] as number)),
      ))
  )
    return 'an example has no prompt or no answer';
  if (splits.some((split) => split >= splitNames.length)) return 'a split has no name';
  return ids.some((id) => id < 0 || id >= vocabSize) ? 'an id is outside the vocabulary' : undefined;
}

function invalid(where: string, problem: string): AppError {
  return new AppError(
    'TOKEN_SET_INVALID',
    `${where} must be a token set as encodeTokenSet writes it: ${problem}. Run tokenization again.`,
    { details: { where, problem } },
  );
}
