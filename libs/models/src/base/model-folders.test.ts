import { cp, mkdir, mkdtemp, readFile, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { encodeSafetensors, parseSafetensors, type Tensor } from '@overture/tensors';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { hiddenStates, largestDifference } from '../testing/hidden-states.ts';
import { openWeights } from '../weights/weight-source.ts';
import { weightChunks } from '../weights/weight-chunks.ts';
import { createTinyBase } from './create-tiny-base.ts';
import { inspectionError, inspectModel, unusedTensors } from './inspect-model.ts';
import type { ModelInspection } from './model-inspection.ts';
import { resolveBaseModel } from './resolve-base-model.ts';

// Folders written by transformers, safetensors, and sentence-transformers, with transformers' results for
// each: tools/reference/pytorch/model_folders.py
const folders = new URL('../reference/folders/', import.meta.url).pathname;
interface Reference {
  readonly ids: number[][];
  readonly states: number[][][];
}
const referenceOf = async (folder: string): Promise<Reference> =>
  JSON.parse(await readFile(join(folder, 'reference.json'), 'utf8')) as Reference;
const names = readdirSync(folders).filter((name) => name !== 'rope' && name !== 'tokenizers');

let scratch: string;
beforeEach(async () => {
  scratch = await mkdtemp(join(tmpdir(), 'overture-folders-'));
});
afterEach(() => rm(scratch, { recursive: true, force: true }));

async function statesOf({ network, weights }: ModelInspection, ids: number[][]): Promise<Float32Array> {
  return hiddenStates(weights!.path, network!, ids);
}

async function expectReference(inspection: ModelInspection, folder: string, tolerance = 2e-5): Promise<void> {
  const { ids, states } = await referenceOf(folder);
  expect(inspection.weights?.problems).toEqual([]);
  expect(largestDifference(await statesOf(inspection, ids), states.flat(2))).toBeLessThan(tolerance);
}

/** A copy of a reference folder with modified tensors. */
async function changedFolder(
  name: string,
  change: (tensors: Map<string, Tensor>) => Map<string, Tensor>,
): Promise<string> {
  const folder = join(scratch, 'model');
  await cp(join(folders, name), folder, { recursive: true });
  const file = join(folder, 'model.safetensors');
  const { tensors, metadata } = parseSafetensors(new Uint8Array(await readFile(file)), file);
  await writeFile(file, encodeSafetensors(change(new Map(tensors)), metadata));
  return folder;
}

const renamed = (rename: (name: string) => string) => (tensors: Map<string, Tensor>) =>
  new Map(Array.from(tensors, ([name, tensor]) => [rename(name), tensor]));

describe('a folder as a library wrote it', () => {
  it.each(names)('%s has the hidden states of transformers', async (name) => {
    await expectReference(await inspectModel(join(folders, name)), join(folders, name));
  });

  it('says what is not used, and what is read from a tensor of another name', async () => {
    const [three, shared, plain] = await Promise.all(
      ['bert-three-labels-float16', 'roberta-masked-lm-shared', 'distilbert-plain'].map((name) =>
        inspectModel(join(folders, name)),
      ),
    );
    expect(three!.notices).toContain(
      'Not used: a classification head (classifier.bias [3], classifier.weight [3, 8]).',
    );
    expect(three!.weights!.encodings).toEqual(['F16']);
    expect(shared!.weights!.tied).toEqual([
      { name: 'roberta.embeddings.word_embeddings.weight', of: 'lm_head.decoder.weight' },
    ]);
    expect(shared!.notices).toContain(
      'roberta.embeddings.word_embeddings.weight is read from lm_head.decoder.weight, whose values it shares.',
    );
    // an unused head of masked-language modeling is normal and not reported
    expect(shared!.notices).toHaveLength(1);
    expect(unusedTensors(shared!.weights!.dropped)).toEqual([
      expect.stringContaining('the head of masked-language modeling (lm_head.bias [40], '),
    ]);
    expect(plain!.weights).toMatchObject({ dropped: [], tied: [], renamed: 0, prefix: '' });
  });

  it('finds the embedding under the name of the output projection even where nothing says that they are one', async () => {
    const folder = await changedFolder('llama-causal-shared', (tensors) => tensors);
    const file = join(folder, 'model.safetensors');
    await writeFile(
      file,
      encodeSafetensors(parseSafetensors(new Uint8Array(await readFile(file)), file).tensors, {
        format: 'pt',
      }),
    );
    const inspection = await inspectModel(folder);
    expect(inspection.weights!.tied).toEqual([{ name: 'model.embed_tokens.weight', of: 'lm_head.weight' }]);
    expect(inspection.languageModelProblems).toEqual([]);
    await expectReference(inspection, folder);
  });

  it('keeps a head for two classes, and takes none for three', async () => {
    const two = await inspectModel(join(folders, 'llama-two-labels'));
    expect(two.weights!.dropped).toEqual([]);
    expect(two.languageModelProblems).toEqual([]); // the head of another task is not a problem
  });
});

describe('names of other times and libraries', () => {
  const bert = 'bert-question-answering-bfloat16';
  it.each<[string, string, (name: string) => string]>([
    [
      'the original BERT’s gamma and beta',
      bert,
      (name) =>
        name.replace(/LayerNorm\.weight$/, 'LayerNorm.gamma').replace(/LayerNorm\.bias$/, 'LayerNorm.beta'),
    ],
    ['DataParallel', bert, (name) => `module.${name}`],
    ['torch.compile', bert, (name) => `_orig_mod.${name}`],
    ['torch.compile of every layer', bert, (name) => name.replace(/layer\.(\d+)\./, 'layer.$1._orig_mod.')],
    ['a module of one’s own', bert, (name) => `model.${name}`],
    [
      'a module of one’s own without the family’s prefix',
      bert,
      (name) => (name.startsWith('bert.') ? `encoder.${name.slice(5)}` : name),
    ],
    ['the encoder alone', bert, (name) => name.replace(/^bert\./, '')],
    ['sentence-transformers’ state', bert, (name) => name.replace(/^bert\./, '0.auto_model.')],
    [
      'FSDP',
      'llama-two-labels',
      (name) => name.replace(/layers\.(\d+)\./, 'layers.$1._fsdp_wrapped_module.'),
    ],
    ['the decoder alone', 'llama-two-labels', (name) => name.replace(/^model\./, '')],
    ['PEFT’s wrapper', 'llama-two-labels', (name) => `base_model.model.${name}`],
    ['DistilBERT in a module', 'distilbert-plain', (name) => `module.distilbert.${name}`],
    ['RoBERTa alone', 'roberta-token-classes', (name) => name.replace(/^roberta\./, '')],
  ])('%s', async (_, name, rename) => {
    const folder = await changedFolder(name, renamed(rename));
    await expectReference(await inspectModel(folder), folder);
  });

  it.each<[string, string, (tensors: Map<string, Tensor>) => Map<string, Tensor>, string]>([
    [
      'more layers than the config has',
      bert,
      (tensors) =>
        new Map([
          ...tensors,
          ['bert.encoder.layer.2.output.dense.bias', tensors.get('bert.encoder.layer.1.output.dense.bias')!],
        ]),
      'bert.encoder.layer.2.output.dense.bias belongs to no part of the network.',
    ],
    [
      'a missing tensor',
      bert,
      (tensors) => (tensors.delete('bert.encoder.layer.1.output.dense.bias'), tensors),
      'encoder.layer.1.output.dense.bias [8] is missing.',
    ],
    [
      'two encoders',
      'distilbert-plain',
      (tensors) =>
        new Map([
          ...renamed((name) => `query.${name}`)(tensors),
          ...renamed((name) => `passage.${name}`)(tensors),
        ]),
      'It holds two encoders, ',
    ],
    [
      'two names of one tensor',
      bert,
      (tensors) =>
        new Map([
          ...tensors,
          ['bert.embeddings.LayerNorm.gamma', tensors.get('bert.embeddings.LayerNorm.weight')!],
        ]),
      'are two names of one tensor.',
    ],
    [
      'adapters that were not merged',
      'llama-two-labels',
      (tensors) =>
        new Map([
          ...tensors,
          ['model.layers.0.self_attn.q_proj.lora_A.weight', tensors.get('model.norm.weight')!],
        ]),
      'model.layers.0.self_attn.q_proj.lora_A.weight belongs to no part of the network.',
    ],
  ])('%s is refused', async (_, name, change, problem) => {
    const inspection = await inspectModel(await changedFolder(name, change));
    expect(inspectionError(inspection)!.message).toContain(problem);
    expect(inspectionError(inspection)!.retryable).toBe(false);
  });
});

describe('the files of a folder', () => {
  const one = join(folders, 'bert-question-answering-bfloat16');

  it('may be those of the hub’s cache, of sentence-transformers’ earlier layout, or links', async () => {
    const snapshot = join(scratch, 'models--acme--small', 'snapshots', 'abc');
    await cp(one, join(scratch, 'blobs'), { recursive: true });
    await mkdir(snapshot, { recursive: true });
    for (const name of ['config.json', 'model.safetensors'])
      await symlink(join(scratch, 'blobs', name), join(snapshot, name));
    const cached = await inspectModel(join(scratch, 'models--acme--small'));
    expect(cached.name).toBe('small');
    expect(cached.notices).toContain(
      'The network is in snapshots/abc, as the cache of the Hugging Face hub lays it out.',
    );
    await expectReference(cached, one);

    const old = join(scratch, 'old');
    await mkdir(old);
    await cp(one, join(old, '0_Transformer'), { recursive: true });
    await writeFile(
      join(old, 'modules.json'),
      JSON.stringify([
        { idx: 0, path: '0_Transformer', type: 'sentence_transformers.models.Transformer' },
        { idx: 1, path: '1_Pooling', type: 'sentence_transformers.models.Pooling' },
      ]),
    );
    await expectReference(await inspectModel(old), one);
    expect((await inspectModel(join(folders, 'sentence-transformers'))).notices).toEqual([
      'As a sentence-transformers model it pools by cls; Overture pools as the setting "pooling" says, by default by the mean.',
      'Its modules Normalize after the network are not used.',
    ]);
  });

  it('may be shards without an index, or a single file of another name', async () => {
    const sharded = join(scratch, 'sharded');
    await cp(join(folders, 'bert-masked-lm-sharded'), sharded, { recursive: true });
    await rm(join(sharded, 'model.safetensors.index.json'));
    await expectReference(await inspectModel(sharded), sharded);
    await rm(join(sharded, 'model-00001-of-00002.safetensors'));
    expect(inspectionError(await inspectModel(sharded))!.message).toContain(
      '1 of 2 files are missing: model-00001-of-00002.safetensors. Fetch the model again, with all its files.',
    );
    const variant = join(scratch, 'variant');
    await cp(one, variant, { recursive: true });
    await rename(join(variant, 'model.safetensors'), join(variant, 'model.fp16.safetensors'));
    const inspection = await inspectModel(variant);
    expect(inspection.notices).toContain('There is no model.safetensors; model.fp16.safetensors is used.');
    await expectReference(inspection, one);
  });

  it('of several shards are stored as one that has the same states', async () => {
    const sharded = await inspectModel(join(folders, 'llama-causal-sharded'));
    await using source = await openWeights(sharded.weights!.path);
    const chunks: Uint8Array[] = [];
    for await (const chunk of weightChunks(source)) chunks.push(chunk.slice());
    const file = join(scratch, 'whole');
    await writeFile(file, Buffer.concat(chunks));
    const { ids, states } = await referenceOf(join(folders, 'llama-causal-sharded'));
    expect(largestDifference(await hiddenStates(file, sharded.network!, ids), states.flat(2))).toBeLessThan(
      2e-5,
    );
  });

  it('that name places outside of it are refused', async () => {
    const folder = join(scratch, 'model');
    await cp(one, folder, { recursive: true });
    await rm(join(folder, 'model.safetensors'));
    await writeFile(
      join(folder, 'model.safetensors.index.json'),
      JSON.stringify({ weight_map: { a: '../../etc/passwd' } }),
    );
    expect(inspectionError(await inspectModel(folder))!.message).toContain(
      '"weight_map" names "../../etc/passwd" for a, which is no file of this folder.',
    );
  });

  it.each<[string, Record<string, string>, string]>([
    [
      'only a pickle',
      { 'pytorch_model.bin': 'x' },
      'The weights are only in pytorch_model.bin, a pickle file, which Overture does not read because it can run code. Convert it once, in Python: AutoModel.from_pretrained(',
    ],
    [
      'pickles in shards',
      { 'pytorch_model-00001-of-00002.bin': 'x', 'pytorch_model.bin.index.json': '{}' },
      'a pickle file',
    ],
    [
      'TensorFlow',
      { 'tf_model.h5': 'x' },
      'The weights are only in tf_model.h5, which is not a PyTorch format: save the model from PyTorch with safe serialization.',
    ],
    [
      'an ONNX graph',
      { 'model.onnx': 'x' },
      'The folder holds only an ONNX graph, which cannot be trained further.',
    ],
    [
      'a pointer of Git LFS',
      { 'model.safetensors': 'version https://git-lfs.github.com/spec/v1\noid sha256:1\nsize 5\n' },
      'model.safetensors is a pointer of Git LFS, not the weights: run "git lfs pull" in the folder.',
    ],
    ['nothing', {}, 'There is no model.safetensors. Save the model with safe serialization.'],
  ])('with %s for weights say what to do', async (_, files, advice) => {
    const folder = join(scratch, 'model');
    await cp(one, folder, { recursive: true });
    await rm(join(folder, 'model.safetensors'));
    for (const [name, content] of Object.entries(files)) await writeFile(join(folder, name), content);
    expect(inspectionError(await inspectModel(folder))!.message).toContain(advice);
  });

  it.each<[string, Record<string, string>, string]>([
    [
      'an adapter',
      { 'adapter_config.json': '{}', 'adapter_model.safetensors': 'x' },
      'The folder holds an adapter, not a model: merge it into its base model (merge_and_unload in PEFT) and save the result.',
    ],
    ['GGUF files', { 'a.gguf': 'x', 'b.gguf': 'x' }, 'The folder holds 2 GGUF files: name the file itself, '],
    [
      'checkpoints',
      { 'checkpoint-9/x': '', 'checkpoint-10/x': '' },
      'The folder holds checkpoints of a training: name one of them, such as ',
    ],
    ['a model one level down', { 'inner/config.json': '{}' }, 'The model is in a folder inside it: name '],
  ])('that hold %s say what to name instead', async (_, files, advice) => {
    for (const [name, content] of Object.entries(files)) {
      await mkdir(join(scratch, 'model', name, '..'), { recursive: true });
      await writeFile(join(scratch, 'model', name), content);
    }
    const { message } = inspectionError(await inspectModel(join(scratch, 'model')))!;
    expect(message).toContain(advice);
    if (advice.includes('checkpoints')) expect(message).toContain('checkpoint-10');
  });
});

describe('what is beside a model', () => {
  const one = join(folders, 'bert-question-answering-bfloat16');
  const withFiles = async (files: Readonly<Record<string, string>>): Promise<ModelInspection> => {
    const folder = join(scratch, 'model');
    await cp(one, folder, { recursive: true });
    for (const [name, content] of Object.entries(files)) await writeFile(join(folder, name), content);
    return inspectModel(folder);
  };

  it('is left out with a notice: an adapter, files that a network can do without', async () => {
    const { notices, weights } = await withFiles({
      'adapter_config.json': '{}',
      'generation_config.json': '{',
    });
    expect(weights!.problems).toEqual([]);
    expect(notices).toContain(
      'The adapter beside the model (adapter_config.json) is not used: merge it into the model to train on both.',
    );
    expect(notices.join(' ')).toContain('generation_config.json is left out: ');
  });

  it('is named where it cannot be read', async () => {
    const folder = join(scratch, 'model');
    await cp(one, folder, { recursive: true });
    await rm(join(folder, 'config.json'));
    await mkdir(join(folder, 'config.json'));
    expect(inspectionError(await inspectModel(folder))).toMatchObject({
      code: 'BASE_MODEL_UNREADABLE',
      retryable: false,
      message: expect.stringContaining(
        'cannot be read (EISDIR). Give this user the right to read it',
      ) as string,
    });
  });
});

describe('a config', () => {
  const name = 'bert-question-answering-bfloat16';
  async function withConfig(change: (config: Record<string, unknown>) => string): Promise<ModelInspection> {
    const folder = await changedFolder(name, (tensors) => tensors);
    const file = join(folder, 'config.json');
    await writeFile(file, change(JSON.parse(await readFile(file, 'utf8')) as Record<string, unknown>));
    return inspectModel(folder);
  }

  it.each<[string, (config: Record<string, unknown>) => string]>([
    ['without model_type', ({ model_type: _, ...rest }) => JSON.stringify(rest)],
    ['with a byte order mark', (config) => `\ufeff${JSON.stringify(config)}`],
    [
      'with a null for every key that may be absent',
      (config) =>
        JSON.stringify({
          ...config,
          rope_scaling: null,
          layer_norm_eps: null,
          is_decoder: null,
          pruned_heads: null,
          pad_token_id: null,
          quantization_config: null,
          position_embedding_type: null,
        }),
    ],
    [
      'with everything that tools add',
      (config) =>
        JSON.stringify({
          ...config,
          _name_or_path: '/home/a',
          torch_dtype: 'float16',
          transformers_version: '2.0.0',
          gradient_checkpointing: false,
          output_past: true,
          pruned_heads: {},
          task_specific_params: {},
          id2label: { 0: 'A' },
          hidden_act: 'gelu_python',
          is_decoder: false,
        }),
    ],
  ])('%s is read', async (_, change) => {
    await expectReference(await withConfig(change), join(folders, name));
  });

  it.each([
    ['bert-question-answering-bfloat16', 'bert'],
    ['sentence-transformers', 'bert'],
    ['roberta-token-classes', 'roberta'],
    ['distilbert-plain', 'distilbert'],
    ['llama-two-labels', 'llama'],
  ])('of %s without a family has that of its tensors', async (of, family) => {
    const folder = join(scratch, 'model');
    await cp(join(folders, of), folder, { recursive: true });
    const {
      model_type: _,
      architectures: __,
      ...config
    } = JSON.parse(await readFile(join(folder, 'config.json'), 'utf8')) as Record<string, unknown>;
    await writeFile(join(folder, 'config.json'), JSON.stringify(config));
    const inspection = await inspectModel(folder);
    expect(inspection.notices).toContain(
      `config.json names no family; the model is taken for a ${family} by the names of its tensors.`,
    );
    expect(JSON.parse((inspection.sources.config as { readonly content: string }).content)).toMatchObject({
      model_type: family,
    });
    await expectReference(inspection, join(folders, of));
  });

  it.each<[string, Record<string, unknown>, string]>([
    ['a decoder', { is_decoder: true }, '"is_decoder" must be false. Got true instead.'],
    [
      'pruned heads',
      { pruned_heads: { 0: [1] } },
      '"pruned_heads" must be empty: networks without some of their heads are not supported.',
    ],
    [
      'quantized weights',
      { quantization_config: { quant_method: 'bitsandbytes' } },
      '"quantization_config" must be absent: weights that are quantized by another library cannot be read.',
    ],
    [
      'relative positions',
      { position_embedding_type: 'relative_key' },
      '"position_embedding_type" must be "absolute".',
    ],
  ])('of %s is refused', async (_, changes, problem) => {
    expect(
      inspectionError(await withConfig((config) => JSON.stringify({ ...config, ...changes })))!.message,
    ).toContain(problem);
  });
});

describe('the padding token', () => {
  const token = (content: string, id: number): object => ({
    id,
    content,
    special: true,
    single_word: false,
    lstrip: false,
    rstrip: false,
    normalized: false,
  });
  const definition = (tokens: readonly string[]): string =>
    JSON.stringify({
      version: '1.0',
      added_tokens: tokens.map(token),
      padding: null,
      model: {
        type: 'WordPiece',
        unk_token: tokens[0],
        vocab: Object.fromEntries([...tokens, 'a'].map((content, id) => [content, id])),
      },
    });

  it.each<[string, readonly string[], Record<string, object>, number, string]>([
    [
      'is the one of tokenizer_config.json',
      ['<s>', '</s>', '[PAD]'],
      { 'tokenizer_config.json': { pad_token: '</s>', eos_token: '<s>' } },
      1,
      'pad_token of tokenizer_config.json',
    ],
    [
      'may be an object there',
      ['<s>', '</s>'],
      { 'tokenizer_config.json': { pad_token: { content: '</s>' } } },
      1,
      'pad_token of tokenizer_config.json',
    ],
    [
      'else the one of special_tokens_map.json',
      ['<s>', '</s>'],
      { 'special_tokens_map.json': { pad_token: '</s>' } },
      1,
      'pad_token of special_tokens_map.json',
    ],
    ['else the usual one', ['<s>', '</s>', '<pad>'], {}, 2, 'the token <pad> of tokenizer.json'],
    [
      'else the one that ends a text',
      ['<s>', '<end>'],
      { 'tokenizer_config.json': { eos_token: '<end>' } },
      1,
      'eos_token of tokenizer_config.json',
    ],
    [
      'else the one that ends a text by its id',
      ['<s>', '<end>'],
      { 'generation_config.json': { eos_token_id: [1, 0] } },
      1,
      'eos_token_id of generation_config.json',
    ],
    [
      'is never one beyond the embedding',
      ['<s>', '<end>'],
      { 'tokenizer_config.json': { pad_token: '<new>', eos_token: '<end>' }, 'added_tokens.json': {} },
      1,
      'eos_token of tokenizer_config.json',
    ],
  ])('%s', async (_, tokens, files, id, from) => {
    const folder = join(scratch, 'model');
    await createTinyBase({ texts: ['a printer'], to: folder, seed: 1, hiddenSize: 8 });
    const config = JSON.parse(await readFile(join(folder, 'config.json'), 'utf8')) as Record<string, unknown>;
    await writeFile(join(folder, 'config.json'), JSON.stringify({ ...config, pad_token_id: null }));
    await writeFile(join(folder, 'tokenizer.json'), definition(tokens));
    for (const [file, content] of Object.entries(files))
      await writeFile(join(folder, file), JSON.stringify(content));
    expect((await inspectModel(folder)).tokenizer!.pad).toMatchObject({ id, from });
    const { files: opened } = await resolveBaseModel(folder, { cacheDir: join(scratch, 'cache') });
    const { padding, added_tokens: added } = JSON.parse(await readFile(opened.tokenizer, 'utf8')) as {
      padding: { pad_id: number } | null;
      added_tokens: { content: string; id: number }[];
    };
    // every reader of tokenizer.json alone finds the same token
    expect(
      padding?.pad_id ?? added.find(({ content }) => content === '[PAD]' || content === '<pad>')?.id,
    ).toBe(id);
  });

  it('is asked for where no file names any', async () => {
    const folder = join(scratch, 'model');
    await createTinyBase({ texts: ['a printer'], to: folder, seed: 1, hiddenSize: 8 });
    const config = JSON.parse(await readFile(join(folder, 'config.json'), 'utf8')) as Record<string, unknown>;
    await writeFile(join(folder, 'config.json'), JSON.stringify({ ...config, pad_token_id: undefined }));
    await writeFile(join(folder, 'tokenizer.json'), definition(['<s>', '<x>']));
    expect(inspectionError(await inspectModel(folder))).toMatchObject({
      code: 'TOKENIZER_NO_PADDING',
      message: `The tokenizer in ${folder} names no padding token, and no token that ends a text. Add a tokenizer_config.json with "pad_token".`,
    });
  });

  it('that was added without an embedding is left out', async () => {
    const folder = join(scratch, 'model');
    await createTinyBase({ texts: ['a printer'], to: folder, seed: 1, hiddenSize: 8 });
    const { vocab_size: rows } = JSON.parse(await readFile(join(folder, 'config.json'), 'utf8')) as {
      vocab_size: number;
    };
    const tokenizer = JSON.parse(definition(['[UNK]', '</s>'])) as { added_tokens: object[] };
    await writeFile(
      join(folder, 'tokenizer.json'),
      JSON.stringify({ ...tokenizer, added_tokens: [...tokenizer.added_tokens, token('<new>', rows)] }),
    );
    await writeFile(
      join(folder, 'tokenizer_config.json'),
      JSON.stringify({ pad_token: '<new>', eos_token: '</s>' }),
    );
    const inspection = await inspectModel(folder);
    expect(inspection.problems).toEqual([]);
    expect(inspection.notices).toContain('1 special token has no embedding and is left out: "<new>".');
    const { files, chat } = await resolveBaseModel(folder, { cacheDir: join(scratch, 'cache') });
    expect(await readFile(files.tokenizer, 'utf8')).not.toContain('<new>');
    expect(JSON.parse(await readFile(chat.config!, 'utf8'))).toMatchObject({
      pad_token: inspection.tokenizer!.pad!.token,
    });
  });

  it('does not hide a tokenizer of another model', async () => {
    const folder = join(scratch, 'model');
    await createTinyBase({ texts: ['a printer'], to: folder, seed: 1, hiddenSize: 8 });
    const config = JSON.parse(await readFile(join(folder, 'config.json'), 'utf8')) as { vocab_size: number };
    await writeFile(
      join(folder, 'tokenizer.json'),
      definition(['[PAD]', ...Array.from({ length: config.vocab_size }, (_, i) => `t${i}`)]),
    );
    expect(inspectionError(await inspectModel(folder))!.message).toContain(
      `has ${config.vocab_size + 2} tokens, and the network has embeddings for ${config.vocab_size}: they belong to different models.`,
    );
  });
});
