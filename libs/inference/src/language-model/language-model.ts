import { availableParallelism, totalmem } from 'node:os';
import pMap from 'p-map';
import { AppError } from '@overture/core';
import { hasSeparateMemory, type ExecutionProvider, type ProcessUsage } from '@overture/runtime';
import { cacheBytesPerToken, cacheShapeOf, causalLanguageModel, languageModelGraph, type BaseModel } from '@overture/models';
import type { ChatFormat, Tokenizer } from '@overture/tokenization';
import { checkPrecision, type Precision } from '../precision.ts';
import { checkAnswers, checkPrompts, type Room } from './check-requests.ts';
import type { GenerationEnd, Tokens } from './decoder.ts';
import { decoderOnThisThread, decodersInProcesses, type DecoderClient } from './decoder-client.ts';
import { decodersIn } from './decoder-memory.ts';
import type { DecoderSettings, SharedTokens } from './decoder-messages.ts';
import { openLanguageModelTexts, type LanguageModelTexts } from './language-model-texts.ts';
import { batchesByLength, type StepLimits } from './plan-batches.ts';

export interface LanguageModelOptions {
  /** A folder with a LoRA adapter in PEFT's layout. Merged into the weights by default; otherwise run beside them, as in training. */
  readonly adapter?: { readonly folder: string; readonly merge?: boolean };
  /** Default `float32`. `int8` runs every prompt alone, so that its numbers do not depend on what is asked beside it. */
  readonly precision?: Precision;
  /** Processor cores to use. Default: all. */
  readonly threads?: number;
  /** Default `cpu`. */
  readonly executionProvider?: ExecutionProvider;
  /**
   * Processes that share the threads, so that the caller's thread stays free and a native crash costs what was asked; each has a copy of the
   * weights and starts when there is work for it. Default: 1; on a processor in int8 one for each thread, as many as half the memory holds, since
   * threads that share a single prompt wait for each other. 0: on the calling thread.
   */
  readonly processes?: number;
  /** What keys and values may take. Default 2 GiB. */
  readonly cacheBytes?: number;
  /** What the machine has, for refusing models that do not fit. Default: its memory. */
  readonly memoryBytes?: number;
}

/** A beginning that many prompts share, such as instructions and demonstrations: computed once. */
export interface SharedPrefix {
  readonly tokens: Tokens;
  /** Gives its keys and values back. */
  release(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

export interface AskOptions {
  /** What every prompt begins with. */
  readonly prefix?: SharedPrefix;
  /** Aborts at once; what is computed meanwhile is thrown away. */
  readonly signal?: AbortSignal;
  /** Called as prompts are done. */
  readonly onProgress?: (done: number, total: number) => void;
}

export interface ScoreRequest {
  readonly prompt: Tokens;
  /** What may come next, each at least one token. */
  readonly answers: readonly Tokens[];
}

export interface ScoredAnswer {
  /** ln p(answer | prompt): the sum over its tokens. */
  readonly logProbability: number;
  /** The same by token, so that answers of different lengths can be compared by their mean. */
  readonly byToken: readonly number[];
}

export interface GenerateOptions extends AskOptions {
  readonly maxTokens: number;
  /** Names of tokens that end a continuation. Default: what the model's config.json says. */
  readonly endTokens?: readonly string[];
  /** Texts behind which a continuation ends. */
  readonly stop?: readonly string[];
}

export interface Generation {
  /** Up to and with the stop text, without the end token. */
  readonly text: string;
  readonly tokens: Tokens;
  readonly ended: GenerationEnd;
}

/** A causal language model, ready to be asked. Prompts are token ids: `tokenizer.encode(text)` or `chat().encode(messages)`. */
export interface LanguageModel {
  readonly tokenizer: Tokenizer;
  /** Longest sequence, in tokens. */
  readonly context: number;
  /** How it is asked in chats. @throws AppError `CHAT_TEMPLATE_MISSING`, `CHAT_TEMPLATE_INVALID` */
  chat(): ChatFormat;
  /** @throws AppError `PROMPT_EMPTY`, `PROMPT_TOO_LONG`, `CACHE_TOO_LARGE`, `TOKEN_UNKNOWN` */
  share(tokens: Tokens): Promise<SharedPrefix>;
  /**
   * How likely each answer is, in the order asked.
   * @throws AppError `ANSWERS_EMPTY`, as `share`, `RUNTIME_CHILD_DIED` (retryable), `LANGUAGE_MODEL_CLOSED`
   */
  score(requests: readonly ScoreRequest[], options?: AskOptions): Promise<ScoredAnswer[][]>;
  /**
   * The likeliest continuations, in the order asked.
   * @throws AppError `END_TOKEN_UNKNOWN`, as `share`, `RUNTIME_CHILD_DIED` (retryable)
   */
  generate(prompts: readonly Tokens[], options: GenerateOptions): Promise<Generation[]>;
  /** What its process took until its last answer; undefined where it computes on the calling thread. */
  usage(): ProcessUsage | undefined;
  close(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

// Measured with SmolLM2-135M on two cores: prompts run at 500 to 600 tokens/s however many share a step, while a step of 16 sequences that
// are being continued takes 2.2 times one of a single sequence.
const scoring: StepLimits = { sequences: 64, tokens: 512 };
const generating: StepLimits = { sequences: 16, tokens: 4096 };
// A device is asked for few large steps.
const onDevice = { scoring: { sequences: 128, tokens: 8192 }, generating: { sequences: 128, tokens: 32_768 } } as const satisfies Record<string, StepLimits>;

/**
 * Opens a causal language model: scores answers and generates. Its files have to stay while it is open.
 * @throws AppError `LANGUAGE_MODEL_UNFIT`, `LANGUAGE_MODEL_TOO_LARGE`, `ADAPTER_INVALID`, and what reading the model's files throws
 */
export async function openLanguageModel(base: BaseModel, options: LanguageModelOptions = {}): Promise<LanguageModel> {
  const { adapter, precision = 'float32', threads = availableParallelism(), executionProvider = 'cpu', cacheBytes = 2 ** 31, memoryBytes = totalmem() } = options;
  checkPrecision(precision, executionProvider);
  const texts = await openLanguageModelTexts(base);
  const settings: DecoderSettings = { ...base.files, adapter: adapter && { folder: adapter.folder, merge: adapter.merge ?? true }, precision, threads, executionProvider, memoryBytes };
  const model = causalLanguageModel(texts.network);
  const { processes = precision === 'int8' ? Math.min(threads, Math.max(1, decodersIn(memoryBytes / 2, model))) : 1 } = options;
  const client = await (processes === 0 ? decoderOnThisThread(settings) : decodersInProcesses(settings, processes));
  const limits = hasSeparateMemory(executionProvider) ? onDevice : { scoring, generating };
  const room: Omit<Room, 'shared'> = { context: texts.context, vocabulary: model.outputs, cacheBytes, bytesPerToken: cacheBytesPerToken(cacheShapeOf(languageModelGraph(model))) };
  return new OpenLanguageModel(client, { texts, room, alone: precision === 'int8', limits });
}

interface Parts {
  readonly texts: LanguageModelTexts;
  readonly room: Omit<Room, 'shared'>;
  /** Whether every prompt is a batch by itself. */
  readonly alone: boolean;
  /** What goes into one step. */
  readonly limits: Readonly<Record<'scoring' | 'generating', StepLimits>>;
}

class OpenLanguageModel implements LanguageModel {
  readonly tokenizer: Tokenizer;
  readonly context: number;
  readonly #client: DecoderClient;
  readonly #parts: Parts;
  readonly #shared = new WeakMap<SharedPrefix, SharedTokens>();
  #count = 0;

  constructor(client: DecoderClient, parts: Parts) {
    this.#client = client;
    this.#parts = parts;
    this.tokenizer = parts.texts.tokenizer;
    this.context = parts.room.context;
  }

  chat(): ChatFormat {
    return this.#parts.texts.chat();
  }

  async share(tokens: Tokens): Promise<SharedPrefix> {
    checkPrompts([tokens], [1], { ...this.#parts.room, shared: 0 }); // one more at least has to fit
    const shared: SharedTokens = { id: this.#count++, tokens: [...tokens] };
    await this.#client.ask({ kind: 'share', shared });
    const release = async (): Promise<void> => void (await this.#client.ask({ kind: 'release', id: shared.id }));
    const prefix: SharedPrefix = { tokens: shared.tokens, release, [Symbol.asyncDispose]: release };
    this.#shared.set(prefix, shared);
    return prefix;
  }

  async score(requests: readonly ScoreRequest[], options: AskOptions = {}): Promise<ScoredAnswer[][]> {
    const answers = requests.map((request) => request.answers);
    const prompts = requests.map(({ prompt }) => prompt);
    const further = answers.map((list) => Math.max(0, ...list.map(({ length }) => length)));
    const { shared, room } = this.#roomBehind(options.prefix);
    checkAnswers(answers, room);
    checkPrompts(prompts, further, room);
    return this.#inBatches(prompts, { further, room, limits: this.#parts.limits.scoring, options }, async (rows) => {
      const { logProbabilities } = await this.#client.ask({ kind: 'score', shared, prompts: rows.map((row) => prompts[row]!), answers: rows.map((row) => answers[row]!) });
      return logProbabilities!.map((list) => list.map((byToken) => ({ logProbability: byToken.reduce((sum, value) => sum + value, 0), byToken })));
    });
  }

  async generate(prompts: readonly Tokens[], options: GenerateOptions): Promise<Generation[]> {
    const { maxTokens, stop = [] } = options;
    if (!Number.isSafeInteger(maxTokens) || maxTokens < 1) throw new AppError('MAX_TOKENS_INVALID', `maxTokens must be a positive integer. Got ${maxTokens} instead.`);
    if (stop.includes('')) throw new AppError('STOP_TEXT_EMPTY', 'A stop text must have characters. Got an empty one: leave it out.');
    const endTokens = this.#endTokens(options.endTokens);
    const further = prompts.map(() => maxTokens);
    const { shared, room } = this.#roomBehind(options.prefix);
    checkPrompts(prompts, further, room);
    return this.#inBatches(prompts, { further, room, limits: this.#parts.limits.generating, options }, async (rows) => {
      const { continuations } = await this.#client.ask({ kind: 'generate', shared, prompts: rows.map((row) => prompts[row]!), maxTokens, endTokens, stop });
      return continuations!.map(({ tokens, ended }) => ({ text: cutBehind(this.tokenizer.decode(tokens), ended === 'stop' ? stop : []), tokens, ended }));
    });
  }

  usage(): ProcessUsage | undefined {
    return this.#client.usage();
  }

  close(): Promise<void> {
    return this.#client.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #roomBehind(prefix: SharedPrefix | undefined): { shared: SharedTokens | undefined; room: Room } {
    const shared = prefix && this.#shared.get(prefix);
    if (prefix !== undefined && shared === undefined) throw new AppError('PREFIX_FOREIGN', "A prefix must be shared by the model that is asked. Got another model's: call share on this one.");
    return { shared, room: { ...this.#parts.room, shared: shared?.tokens.length ?? 0 } };
  }

  #endTokens(names: readonly string[] | undefined): readonly number[] {
    if (names === undefined) {
      const { endTokens } = this.#parts.texts;
      if (endTokens.length > 0) return endTokens;
      throw new AppError('END_TOKEN_UNKNOWN', 'A model must say which token ends a text (eos_token_id in config.json), or endTokens must name one. Got neither: name one, or none with [].');
    }
    const { specialTokens, encode } = this.tokenizer;
    return names.map((name) => {
      const id = specialTokens.get(name) ?? (encode(name).length === 1 ? encode(name)[0] : undefined);
      if (id !== undefined) return id;
      throw new AppError('END_TOKEN_UNKNOWN', `An end token must be a single token of the model, such as ${[...specialTokens.keys()].slice(0, 5).join(', ')}. Got ${JSON.stringify(name)} instead: use stop for longer texts.`, { details: { name } });
    });
  }

  async #inBatches<R>(prompts: readonly Tokens[], { further, room, limits, options }: { readonly further: readonly number[]; readonly room: Room; readonly limits: StepLimits; readonly options: AskOptions }, run: (rows: readonly number[]) => Promise<readonly R[]>): Promise<R[]> {
    const results: R[] = [];
    const { onProgress, signal } = options;
    const fitting = Math.floor(room.cacheBytes / room.bytesPerToken) - room.shared;
    const tokens = Math.min(limits.tokens, fitting);
    let done = 0;
    // what is to come needs room from the beginning
    const lengths = prompts.map(({ length }, i) => length + further[i]!);
    const batches = batchesByLength(lengths, { sequences: this.#parts.alone ? 1 : limits.sequences, tokens });
    const ask = async (rows: readonly number[]): Promise<void> => {
      const answers = await run(rows);
      rows.forEach((row, i) => (results[row] = answers[i]!));
      onProgress?.((done += rows.length), prompts.length);
    };
    await pMap(batches, ask, { concurrency: this.#client.lanes, signal });
    return results;
  }
}

/** A text up to and with the first stop text in it. */
function cutBehind(text: string, stop: readonly string[]): string {
  const ends = stop.flatMap((end) => (text.includes(end) ? [text.indexOf(end) + end.length] : []));
  return text.slice(0, Math.min(text.length, ...ends));
}
