import { availableParallelism, totalmem } from 'node:os';
import pMap from 'p-map';
import { AppError } from '@overture/core';
import { hasSeparateMemory, type ExecutionProvider, type ProcessUsage } from '@overture/runtime';
import {
  cacheBytesPerToken,
  cacheShapeOf,
  causalLanguageModel,
  languageModelGraph,
  type BaseModel,
} from '@overture/models';
import type { ChatFormat, Tokenizer } from '@overture/tokenization';
import { checkPrecision, type Precision } from '../precision.ts';
import { checkAnswers, checkPrompts, type TokenBudget } from './check-requests.ts';
import type { GenerationEnd, Tokens } from './decoder.ts';
import { decoderOnThisThread, decodersInProcesses, type DecoderClient } from './decoder-client.ts';
import { decodersIn } from './decoder-memory.ts';
import type { DecoderSettings, PrefixTokens } from './decoder-messages.ts';
import { openChatTokenizer, type ChatTokenizer } from './chat-tokenizer.ts';
import { batchesByLength, type StepLimits } from './plan-batches.ts';

/** How to open a language model. */
export interface LanguageModelOptions {
  /**
   * A folder with a LoRA adapter in PEFT's layout. Merged into the weights by default; otherwise run beside
   * them, as in training.
   */
  readonly adapter?: { readonly folder: string; readonly merge?: boolean };
  /**
   * Default `float32`. `int8` runs every prompt by itself, so that its results do not depend on the other
   * prompts.
   */
  readonly precision?: Precision;
  /** Number of processor cores to use. Default: all. */
  readonly threads?: number;
  /** Default `cpu`. */
  readonly executionProvider?: ExecutionProvider;
  /**
   * Number of processes that share the threads. They keep the caller's thread free, and a native crash loses
   * only running requests. Each has a copy of the weights and starts on demand. Default: 1. For int8 on a
   * processor, one per thread, limited by half of the memory, because threads that share one prompt wait for
   * each other. 0: on the calling thread.
   */
  readonly processes?: number;
  /** Maximum bytes of the key-value cache. Default 2 GiB. */
  readonly cacheBytes?: number;
  /** Memory of the machine in bytes, used to reject models that do not fit. Default: the machine's memory. */
  readonly memoryBytes?: number;
}

/** A prefix that many prompts share, such as instructions and demonstrations. It is computed once. */
export interface PromptPrefix {
  readonly tokens: Tokens;
  /** Releases its keys and values. */
  release(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

/** Options shared by scoring and generation. */
export interface AskOptions {
  /** The prefix of every prompt. */
  readonly prefix?: PromptPrefix;
  /** Aborts at once; unfinished results are discarded. */
  readonly signal?: AbortSignal;
  /** Called as prompts are completed. */
  readonly onProgress?: (done: number, total: number) => void;
}

/** A prompt with the answers to score. */
export interface ScoreRequest {
  readonly prompt: Tokens;
  /** The possible continuations, each with at least one token. */
  readonly answers: readonly Tokens[];
}

/** The score of one answer. */
export interface ScoredAnswer {
  /** ln p(answer | prompt): the sum over its tokens. */
  readonly logProbability: number;
  /**
   * The log-probability of each token, so that answers of different lengths can be compared by their mean.
   */
  readonly byToken: readonly number[];
}

/** Options of a generation. */
export interface GenerateOptions extends AskOptions {
  readonly maxTokens: number;
  /** Names of tokens that end a continuation. Default: those in the model's config.json. */
  readonly endTokens?: readonly string[];
  /** Texts after which a continuation ends. */
  readonly stop?: readonly string[];
}

/** A generated continuation. */
export interface Generation {
  /** Includes the stop text, but not the end token. */
  readonly text: string;
  readonly tokens: Tokens;
  readonly ended: GenerationEnd;
}

/**
 * A causal language model, ready for requests. Prompts are token ids: `tokenizer.encode(text)` or
 * `chat().encode(messages)`.
 */
export interface LanguageModel {
  readonly tokenizer: Tokenizer;
  /** Maximum sequence length in tokens. */
  readonly context: number;
  /**
   * Opens the chat format.
   * @throws AppError `CHAT_TEMPLATE_MISSING`, `CHAT_TEMPLATE_INVALID`
   */
  chat(): ChatFormat;
  /**
   * Computes a prefix for many prompts.
   * @throws AppError `PROMPT_EMPTY`, `PROMPT_TOO_LONG`, `CACHE_TOO_LARGE`, `TOKEN_UNKNOWN`
   */
  share(tokens: Tokens): Promise<PromptPrefix>;
  /**
   * The log-probability of each answer, in the order of the requests.
   * @throws AppError `ANSWERS_EMPTY`, as `share`, `RUNTIME_CHILD_DIED` (retryable), `LANGUAGE_MODEL_CLOSED`
   */
  score(requests: readonly ScoreRequest[], options?: AskOptions): Promise<ScoredAnswer[][]>;
  /**
   * The greedy continuations, in the order of the prompts.
   * @throws AppError `END_TOKEN_UNKNOWN`, as `share`, `RUNTIME_CHILD_DIED` (retryable)
   */
  generate(prompts: readonly Tokens[], options: GenerateOptions): Promise<Generation[]>;
  /** Resources used by its processes up to their last response; undefined on the calling thread. */
  usage(): ProcessUsage | undefined;
  close(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

// Measured with SmolLM2-135M on two cores: prompts run at 500 to 600 tokens/s, however many share a step. A
// step that continues 16 sequences takes 2.2 times as long as one for a single sequence.
const scoring: StepLimits = { sequences: 64, tokens: 512 };
const generating: StepLimits = { sequences: 16, tokens: 4096 };
// A device is faster with few large steps.
const onDevice = {
  scoring: { sequences: 128, tokens: 8192 },
  generating: { sequences: 128, tokens: 32_768 },
} as const satisfies Record<string, StepLimits>;

/**
 * Opens a causal language model for scoring answers and generating text. Its files must remain while it is
 * open.
 * @throws AppError `LANGUAGE_MODEL_UNFIT`, `LANGUAGE_MODEL_TOO_LARGE`, `ADAPTER_INVALID`, and the errors of
 * reading the model's files
 */
export async function openLanguageModel(
  base: BaseModel,
  options: LanguageModelOptions = {},
): Promise<LanguageModel> {
  const {
    adapter,
    precision = 'float32',
    threads = availableParallelism(),
    executionProvider = 'cpu',
    cacheBytes = 2 ** 31,
    memoryBytes = totalmem(),
  } = options;
  checkPrecision(precision, executionProvider);
  const texts = await openChatTokenizer(base);
  const settings: DecoderSettings = {
    ...base.files,
    adapter: adapter && { folder: adapter.folder, merge: adapter.merge ?? true },
    precision,
    threads,
    executionProvider,
    memoryBytes,
  };
  const model = causalLanguageModel(texts.network);
  const {
    processes = precision === 'int8' ? Math.min(threads, Math.max(1, decodersIn(memoryBytes / 2, model))) : 1,
  } = options;
  const client = await (processes === 0
    ? decoderOnThisThread(settings)
    : decodersInProcesses(settings, processes));
  const limits = hasSeparateMemory(executionProvider) ? onDevice : { scoring, generating };
  const room: Omit<TokenBudget, 'shared'> = {
    context: texts.context,
    vocabulary: model.outputs,
    cacheBytes,
    bytesPerToken: cacheBytesPerToken(cacheShapeOf(languageModelGraph(model))),
  };
  return new OpenLanguageModel(client, { texts, room, alone: precision === 'int8', limits });
}

interface Parts {
  readonly texts: ChatTokenizer;
  readonly room: Omit<TokenBudget, 'shared'>;
  /** Whether every prompt is its own batch. */
  readonly alone: boolean;
  /** Limits of one step. */
  readonly limits: Readonly<Record<'scoring' | 'generating', StepLimits>>;
}

class OpenLanguageModel implements LanguageModel {
  readonly tokenizer: Tokenizer;
  readonly context: number;
  readonly #client: DecoderClient;
  readonly #parts: Parts;
  readonly #shared = new WeakMap<PromptPrefix, PrefixTokens>();
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

  async share(tokens: Tokens): Promise<PromptPrefix> {
    checkPrompts([tokens], [1], { ...this.#parts.room, shared: 0 }); // at least one more token must fit
    const shared: PrefixTokens = { id: this.#count++, tokens: [...tokens] };
    await this.#client.ask({ kind: 'share', shared });
    const release = async (): Promise<void> =>
      void (await this.#client.ask({ kind: 'release', id: shared.id }));
    const prefix: PromptPrefix = { tokens: shared.tokens, release, [Symbol.asyncDispose]: release };
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
    return this.#inBatches(
      prompts,
      { further, room, limits: this.#parts.limits.scoring, options },
      async (rows) => {
        const { logProbabilities } = await this.#client.ask({
          kind: 'score',
          shared,
          prompts: rows.map((row) => prompts[row]!),
          answers: rows.map((row) => answers[row]!),
        });
        return logProbabilities!.map((list) =>
          list.map((byToken) => ({
            logProbability: byToken.reduce((sum, value) => sum + value, 0),
            byToken,
          })),
        );
      },
    );
  }

  async generate(prompts: readonly Tokens[], options: GenerateOptions): Promise<Generation[]> {
    const { maxTokens, stop = [] } = options;
    if (!Number.isSafeInteger(maxTokens) || maxTokens < 1)
      throw new AppError(
        'MAX_TOKENS_INVALID',
        `maxTokens must be a positive integer. Got ${maxTokens} instead.`,
      );
    if (stop.includes(''))
      throw new AppError(
        'STOP_TEXT_EMPTY',
        'A stop text must have characters. Got an empty one: leave it out.',
      );
    const endTokens = this.#endTokens(options.endTokens);
    const further = prompts.map(() => maxTokens);
    const { shared, room } = this.#roomBehind(options.prefix);
    checkPrompts(prompts, further, room);
    return this.#inBatches(
      prompts,
      { further, room, limits: this.#parts.limits.generating, options },
      async (rows) => {
        const { continuations } = await this.#client.ask({
          kind: 'generate',
          shared,
          prompts: rows.map((row) => prompts[row]!),
          maxTokens,
          endTokens,
          stop,
        });
        return continuations!.map(({ tokens, ended }) => ({
          text: cutBehind(this.tokenizer.decode(tokens), ended === 'stop' ? stop : []),
          tokens,
          ended,
        }));
      },
    );
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

  #roomBehind(prefix: PromptPrefix | undefined): { shared: PrefixTokens | undefined; room: TokenBudget } {
    const shared = prefix && this.#shared.get(prefix);
    if (prefix !== undefined && shared === undefined)
      throw new AppError(
        'PREFIX_FOREIGN',
        "A prefix must be shared by the model that is asked. Got another model's: call share on this one.",
      );
    return { shared, room: { ...this.#parts.room, shared: shared?.tokens.length ?? 0 } };
  }

  #endTokens(names: readonly string[] | undefined): readonly number[] {
    if (names === undefined) {
      const { endTokens } = this.#parts.texts;
      if (endTokens.length > 0) return endTokens;
      throw new AppError(
        'END_TOKEN_UNKNOWN',
        'A model must say which token ends a text (eos_token_id in config.json), or endTokens must name one. Got neither: name one, or none with [].',
      );
    }
    const { specialTokens, encode } = this.tokenizer;
    return names.map((name) => {
      const id = specialTokens.get(name) ?? (encode(name).length === 1 ? encode(name)[0] : undefined);
      if (id !== undefined) return id;
      throw new AppError(
        'END_TOKEN_UNKNOWN',
        `An end token must be a single token of the model, such as ${[...specialTokens.keys()].slice(0, 5).join(', ')}. Got ${JSON.stringify(name)} instead: use stop for longer texts.`,
        { details: { name } },
      );
    });
  }

  async #inBatches<R>(
    prompts: readonly Tokens[],
    {
      further,
      room,
      limits,
      options,
    }: {
      readonly further: readonly number[];
      readonly room: TokenBudget;
      readonly limits: StepLimits;
      readonly options: AskOptions;
    },
    run: (rows: readonly number[]) => Promise<readonly R[]>,
  ): Promise<R[]> {
    const results: R[] = [];
    const { onProgress, signal } = options;
    const fitting = Math.floor(room.cacheBytes / room.bytesPerToken) - room.shared;
    const tokens = Math.min(limits.tokens, fitting);
    let done = 0;
    // The tokens to come are reserved from the start.
    const lengths = prompts.map(({ length }, i) => length + further[i]!);
    const batches = batchesByLength(lengths, { sequences: this.#parts.alone ? 1 : limits.sequences, tokens });
    const ask = async (rows: readonly number[]): Promise<void> => {
      const answers = await run(rows);
      rows.forEach((row, i) => (results[row] = answers[i]!));
      onProgress?.((done += rows.length), prompts.length);
    };
    await pMap(batches, ask, { concurrency: this.#client.concurrency, signal });
    return results;
  }
}

/** A text up to and including its first stop text. */
function cutBehind(text: string, stop: readonly string[]): string {
  const ends = stop.flatMap((end) => (text.includes(end) ? [text.indexOf(end) + end.length] : []));
  return text.slice(0, Math.min(text.length, ...ends));
}
