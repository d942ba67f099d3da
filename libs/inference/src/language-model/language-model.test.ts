import { readFileSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { counterRandom, AppError } from '@overture/core';
import {
  adapterFiles,
  causalLanguageModel,
  encodeAdapter,
  parseNetwork,
  parseWeights,
  resolveBaseModel,
  withLora,
  type BaseModel,
} from '@overture/models';
import { elementCount, float32 } from '@overture/tensors';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openLanguageModel, type LanguageModel, type LanguageModelOptions } from './language-model.ts';

// The output of transformers for the same file: tools/reference/pytorch/generation.py
interface Reference {
  readonly template: string;
  readonly prefix: string;
  readonly prefixIds: number[];
  readonly cases: readonly {
    readonly prompt: string;
    readonly ids: number[];
    readonly generated: number[];
    readonly answers: readonly {
      readonly text: string;
      readonly tokens: number[];
      readonly logProbabilities: number[];
    }[];
  }[];
  readonly chats: readonly {
    readonly messages: readonly { readonly role: 'user'; readonly content: string }[];
    readonly text: string;
    readonly ids: number[];
  }[];
}
const reference = JSON.parse(
  readFileSync(new URL('../reference/generation.json', import.meta.url), 'utf8'),
) as Reference;
const path = new URL('../../../models/src/reference/small-llama.gguf', import.meta.url).pathname;
const { cases, prefixIds } = reference;
const tolerance = 1e-4; // of a log-probability, float32 against float64

let scratch: string;
let base: BaseModel;
let model: LanguageModel;
const open = (options: LanguageModelOptions = {}): Promise<LanguageModel> =>
  openLanguageModel(base, { processes: 0, threads: 1, ...options });
beforeAll(async () => {
  scratch = await mkdtemp(join(tmpdir(), 'overture-language-model-'));
  base = await resolveBaseModel(path, { cacheDir: scratch });
  model = await open();
});
afterAll(async () => {
  await model.close();
  await rm(scratch, { recursive: true, force: true });
});

const requests = (whole: boolean): { prompt: number[]; answers: number[][] }[] =>
  cases.map(({ ids, answers }) => ({
    prompt: whole ? [...prefixIds, ...ids] : ids,
    answers: answers.map(({ tokens }) => tokens),
  }));

function expectScores(got: Awaited<ReturnType<LanguageModel['score']>>): void {
  cases.forEach(({ answers }, i) => {
    answers.forEach(({ text, logProbabilities }, which) => {
      const { byToken, logProbability } = got[i]![which]!;
      expect(byToken.length).toBe(logProbabilities.length);
      byToken.forEach((value, k) =>
        expect(Math.abs(value - logProbabilities[k]!), `${text}, token ${k}`).toBeLessThan(tolerance),
      );
      expect(logProbability).toBeCloseTo(
        byToken.reduce((sum, value) => sum + value, 0),
        10,
      );
    });
  });
}

async function failure(promise: Promise<unknown>): Promise<AppError> {
  const outcome: unknown = await promise.then(
    () => 'no failure',
    (thrown: unknown) => thrown,
  );
  expect(outcome).toBeInstanceOf(AppError);
  return outcome as AppError;
}

describe('against transformers', () => {
  it('has its token ids, and reads them back', () => {
    expect(model.tokenizer.encode(reference.prefix)).toEqual(prefixIds);
    for (const { prompt, ids } of cases) {
      expect(model.tokenizer.encode(prompt)).toEqual(ids);
      expect(model.tokenizer.decode(ids)).toBe(prompt);
    }
  });

  it('scores answers alike, with the prompt as a whole and behind a shared prefix', async () => {
    expectScores(await model.score(requests(true)));
    await using prefix = await model.share(prefixIds);
    expectScores(await model.score(requests(false), { prefix }));
    expectScores(await model.score(requests(false), { prefix })); // the prefix can be reused
  });

  it('continues alike, many prompts at a time and one by one', async () => {
    await using prefix = await model.share(prefixIds);
    const together = await model.generate(
      cases.map(({ ids }) => ids),
      { prefix, maxTokens: 24 },
    );
    expect(together.map(({ tokens }) => tokens)).toEqual(cases.map(({ generated }) => generated));
    expect(together.map(({ ended }) => ended)).toEqual(cases.map(() => 'length'));
    for (const { ids, generated } of cases) {
      const [alone] = await model.generate([[...prefixIds, ...ids]], { maxTokens: 24 });
      expect(alone!.tokens).toEqual(generated);
    }
  });

  it('writes and encodes chats alike', async () => {
    const config = join(scratch, 'tokenizer_config.json');
    await writeFile(config, JSON.stringify({ chat_template: reference.template, eos_token: '<|im_end|>' }));
    await using chatting = await openLanguageModel(
      { ...base, chat: { config } },
      { processes: 0, threads: 1 },
    );
    for (const { messages, text, ids } of reference.chats) {
      expect(chatting.chat().render(messages)).toBe(text);
      expect(chatting.chat().encode(messages)).toEqual(ids);
    }
  });
});

describe('generate', () => {
  const [{ ids, generated }] = cases as [Reference['cases'][number]];

  it('ends at an end token, which it leaves out, while others go on', async () => {
    const end = generated[7]!;
    const name = model.tokenizer.decode([end]);
    const before = generated.slice(0, generated.indexOf(end));
    await using prefix = await model.share(prefixIds);
    const [first, , third] = await model.generate(
      cases.map((each) => each.ids),
      { prefix, maxTokens: 24, endTokens: [name] },
    );
    expect(first).toEqual({ text: model.tokenizer.decode(before), tokens: before, ended: 'end token' });
    expect(third!.tokens).toEqual(cases[2]!.generated.slice(0, third!.tokens.length));
  });

  it('ends behind a stop text, whatever tokens it lies in', async () => {
    const whole = model.tokenizer.decode(generated);
    const stop = whole.slice(9, 12);
    const [cut] = await model.generate([[...prefixIds, ...ids]], {
      maxTokens: 24,
      stop: ['never said', stop],
    });
    expect(cut!.ended).toBe('stop');
    expect(cut!.text).toBe(whole.slice(0, whole.indexOf(stop) + stop.length));
    expect(cut!.tokens.length).toBeLessThan(generated.length);
  });

  it('tells how far it is, and stops when told', async () => {
    const seen: number[] = [];
    await model.generate(
      cases.map((each) => each.ids),
      { maxTokens: 1, onProgress: (done, total) => seen.push(done, total) },
    );
    expect(seen).toEqual([4, 4]);
    await expect(
      model.generate([ids], { maxTokens: 1, signal: AbortSignal.abort(new Error('enough')) }),
    ).rejects.toThrow('enough');
  });
});

describe('with an adapter', () => {
  it('scores the same merged and applied, and unlike the base model', async () => {
    const network = causalLanguageModel(parseNetwork(await readFile(base.files.config, 'utf8')));
    const lora = withLora(network, { rank: 2, alpha: 4, targets: ['q_proj', 'down_proj'] });
    const start = parseWeights(await readFile(path), lora, { where: path, seed: 0 });
    const weights = new Map(
      [...start].map(([name, tensor]) => [
        name,
        name.includes('lora_B')
          ? float32(
              tensor.shape,
              (tensor.data as Float32Array).map((_, i) => 0.2 * counterRandom(1, name).normal(i)),
            )
          : tensor,
      ]),
    );
    const files = encodeAdapter(lora, weights, { baseModel: 'small' });
    const folder = join(scratch, 'adapter');
    await mkdir(folder);
    await writeFile(join(folder, adapterFiles.config), JSON.stringify(files.config));
    await writeFile(join(folder, adapterFiles.weights), files.weights);
    await using merged = await open({ adapter: { folder } });
    await using applied = await open({ adapter: { folder, merge: false } });
    const [plain, one, other] = await Promise.all(
      [model, merged, applied].map(async (each) =>
        (await each.score(requests(true))).flat().map(({ logProbability }) => logProbability),
      ),
    );
    one!.forEach((value, i) => expect(other![i]).toBeCloseTo(value, 4));
    expect(one!.some((value, i) => Math.abs(value - plain![i]!) > 0.1)).toBe(true);
  });
});

describe('in int8', () => {
  it('scores roughly alike, and the same whoever is asked beside it', async () => {
    await using rough = await open({ precision: 'int8' });
    const together = await rough.score(requests(true));
    const [alone] = await rough.score(requests(true).slice(0, 1));
    expect(together[0]).toEqual(alone);
    together.flat().forEach(({ byToken }) => expect(byToken.every((value) => value < 0)).toBe(true));
  });
});

describe('what cannot be asked', () => {
  const [{ ids }] = cases as [Reference['cases'][number]];

  it('is refused with all problems at once', async () => {
    expect(
      (
        await failure(
          model.score([
            { prompt: ids, answers: [] },
            { prompt: ids, answers: [[5], []] },
          ]),
        )
      ).message,
    ).toBe(
      'A request must have answers to score, each of at least one token. Here request 0 has no answers; answer 1 of request 1 has no tokens. Give it the answers that are possible.',
    );
    expect((await failure(model.score([{ prompt: [], answers: [[1]] }]))).message).toBe(
      'A prompt must have at least one token of its own. Here prompt 0 has none. Give it some text.',
    );
    expect((await failure(model.score([{ prompt: ids, answers: [[420]] }]))).message).toBe(
      "Tokens must be numbers under 420. Here answer 0 of request 0 has 420. Use this model's tokenizer.",
    );
    expect((await failure(model.generate([ids], { maxTokens: 0 }))).message).toBe(
      'maxTokens must be a positive integer. Got 0 instead.',
    );
    expect((await failure(model.generate([ids], { maxTokens: 1, stop: [''] }))).code).toBe('STOP_TEXT_EMPTY');
  });

  it('is a prompt longer than the context, counted with what it begins with and what follows', async () => {
    await using prefix = await model.share(prefixIds);
    const error = await failure(model.generate([ids], { prefix, maxTokens: 120 }));
    expect(error.code).toBe('PROMPT_TOO_LONG');
    expect(error.message).toBe(
      "Prompt and what follows must fit into the model's 128 tokens. Here prompt 0 has 32 shared tokens, 4 of its own and up to 120 to come, 156 in all. Shorten the prompts, use fewer examples, or ask for fewer tokens.",
    );
    expect((await failure(model.share(Array.from({ length: 128 }, () => 5)))).code).toBe('PROMPT_TOO_LONG');
  });

  it('is a cache that does not fit, with what would', async () => {
    await using narrow = await open({ cacheBytes: 256 * 20 });
    expect((await failure(narrow.share(prefixIds))).message).toBe(
      'Keys and values must fit into 5120 bytes, which is 20 tokens. Here prompt 0 needs 33 tokens, 8448 bytes. Shorten the prompts, or allow more with cacheBytes.',
    );
    expect(await narrow.generate([ids, ids, ids], { maxTokens: 10 })).toHaveLength(3); // one after the other
  });

  it('is an end token that the model does not have', async () => {
    expect(
      (await failure(model.generate([ids], { maxTokens: 1, endTokens: ['two words here'] }))).message,
    ).toBe(
      'An end token must be a single token of the model, such as <|endoftext|>, <|im_start|>, <|im_end|>. Got "two words here" instead: use stop for longer texts.',
    );
    const config = join(scratch, 'endless.json');
    const { eos_token_id: _, ...rest } = JSON.parse(await readFile(base.files.config, 'utf8')) as Record<
      string,
      unknown
    >;
    await writeFile(config, JSON.stringify(rest));
    await using endless = await openLanguageModel(
      { ...base, files: { ...base.files, config } },
      { processes: 0, threads: 1 },
    );
    expect((await failure(endless.generate([ids], { maxTokens: 1 }))).message).toBe(
      'A model must say which token ends a text (eos_token_id in config.json), or endTokens must name one. Got neither: name one, or none with [].',
    );
    expect(await endless.generate([ids], { maxTokens: 1, endTokens: [] })).toHaveLength(1);
  });

  it('is a chat with a model that has no template, and a prefix of another model', async () => {
    expect(() => model.chat()).toThrow(/^The model small-llama must have a chat template/);
    await using other = await open();
    await using foreign = await other.share(prefixIds);
    expect((await failure(model.score([{ prompt: ids, answers: [[5]] }], { prefix: foreign }))).code).toBe(
      'PREFIX_FOREIGN',
    );
  });

  it('is a model without a next token, or too large for the machine', async () => {
    const config = join(scratch, 'bert.json');
    await writeFile(
      config,
      JSON.stringify({
        model_type: 'bert',
        vocab_size: 420,
        hidden_size: 8,
        num_hidden_layers: 1,
        num_attention_heads: 2,
        intermediate_size: 16,
        max_position_embeddings: 10,
        type_vocab_size: 2,
      }),
    );
    expect(
      (await failure(openLanguageModel({ ...base, files: { ...base.files, config } }, { processes: 0 })))
        .message,
    ).toContain(
      'must describe a model that predicts the next token, such as a Llama-type one. Got a bert: choose another base model.',
    );
    // Rejected before its weights are read.
    const large = await failure(
      openLanguageModel(
        { ...base, files: { ...base.files, weights: join(scratch, 'absent') } },
        { processes: 0, memoryBytes: 1000 },
      ),
    );
    expect(large.code).toBe('LANGUAGE_MODEL_TOO_LARGE');
    expect(large.message).toContain('The machine has 0.0 GiB: choose a smaller model or another machine.');
  });

  it('leaves weights outside the graph where both would not fit', async () => {
    await using fed = await open({ memoryBytes: 300_000 });
    expectScores(await fed.score(requests(true)));
  });
});

describe('in a process of its own', () => {
  it('gives the same, and goes on in another one after a crash, shared prefixes included', async () => {
    await using elsewhere = await openLanguageModel(base, { threads: 1 });
    await using prefix = await elsewhere.share(prefixIds);
    expectScores(await elsewhere.score(requests(false), { prefix }));
    const { cpuSeconds, peakBytes } = elsewhere.usage()!;
    expect(cpuSeconds).toBeGreaterThan(0.01);
    expect(peakBytes).toBeGreaterThan(10e6);
    const [child] = childrenOf(process.pid);
    process.kill(child!, 'SIGKILL');
    // Requests sent before the crash is noticed are lost.
    await elsewhere
      .score(requests(false), { prefix })
      .catch((error: AppError) => expect(error.code).toBe('RUNTIME_CHILD_DIED'));
    expectScores(await elsewhere.score(requests(false), { prefix }));
    expect(elsewhere.usage()!.cpuSeconds).toBeGreaterThan(cpuSeconds); // of both processes
  });

  it('gives the same in several, which start when there is work for them and end with the model', async () => {
    const before = childrenOf(process.pid).length;
    const several = await openLanguageModel(base, { threads: 2, processes: 2, precision: 'int8' });
    await using one = await open({ precision: 'int8' });
    await using prefix = await several.share(prefixIds);
    expect(childrenOf(process.pid)).toHaveLength(before + 1);
    const seen: number[] = [];
    expect(await several.score(requests(false), { prefix, onProgress: (done) => seen.push(done) })).toEqual(
      await one.score(requests(false), { prefix: await one.share(prefixIds) }),
    );
    expect(seen).toEqual([1, 2, 3, 4]);
    expect(childrenOf(process.pid)).toHaveLength(before + 2);
    await expect(
      several.score(requests(true), { signal: AbortSignal.abort(new Error('enough')) }),
    ).rejects.toThrow('enough');
    await prefix.release();
    await several.close();
    expect(childrenOf(process.pid)).toHaveLength(before);
    expect((await failure(several.score(requests(true)))).code).toBe('LANGUAGE_MODEL_CLOSED');
  });

  it('has one for each thread in int8, and no more than half the memory holds', async () => {
    const { parameters } = causalLanguageModel(parseNetwork(await readFile(base.files.config, 'utf8')));
    // Bytes, see decoder-memory.ts.
    const opening = 5.7 * 4 * parameters.reduce((sum, { shape }) => sum + elementCount(shape), 0);
    const before = childrenOf(process.pid).length;
    for (const [memoryBytes, processes] of [
      [4.1 * opening, 2],
      [3.9 * opening, 1],
    ] as const) {
      await using model = await openLanguageModel(base, { threads: 2, precision: 'int8', memoryBytes });
      await model.score(requests(true));
      expect(childrenOf(process.pid)).toHaveLength(before + processes);
    }
  });

  it('says why a model does not open', async () => {
    const broken = join(scratch, 'broken.safetensors');
    await writeFile(broken, 'no weights');
    expect(
      (await failure(openLanguageModel({ ...base, files: { ...base.files, weights: broken } }))).message,
    ).toContain('broken.safetensors');
  });
});

/** Decoders among this process's children; Linux only, as CI is. */
function childrenOf(pid: number): number[] {
  return readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8')
    .trim()
    .split(' ')
    .filter(Boolean)
    .map(Number)
    .filter((child) => readFileSync(`/proc/${child}/cmdline`, 'utf8').includes('service-child'));
}
