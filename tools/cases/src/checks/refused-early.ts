import { mkdir, open, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { right, wrong, type Case } from '../case.ts';
import type { CommandResult } from '../product.ts';
import { failure, plainCorpus, trainOn } from './model-case.ts';

/**
 * A model with fewer positions than the default length: it is trained within its positions, and a longer
 * explicit length is rejected early.
 */
export const fewPositions: Case = {
  name: 'P11-64-positions',
  expects: 'uses 64 tokens and says so; an explicit 256 is refused before training',
  async check(product, files) {
    const base = join(files.folder, this.name);
    const corpus = join(files.folder, plainCorpus);
    const explicit = ['--corpus', corpus, '--base', base, '--set', 'training.maxLength=256'];
    for (const command of [
      ['train', '--name', 'case-p11'],
      ['plan', 'trainInitiativeModel'],
    ]) {
      const refused = await product.run([...command, ...explicit]);
      if (refused.exitCode !== 3) return wrong(`${command[0]}: not refused: ${failure(refused)}`);
      if (ranTraining(refused)) return wrong(`refused only after training: ${failure(refused)}`);
      if (!/64/.test(refused.stderr))
        return wrong(`the refusal does not name the 64 positions: ${failure(refused)}`);
    }
    const trained = await trainOn(product, files, this.name);
    if ('verdict' in trained) return trained.verdict;
    const notice = `${trained.training.stderr}\n${trained.training.stdout}`
      .split('\n')
      .find((line) => /64 (tokens|positions)/.test(line));
    return notice === undefined
      ? wrong('trained at 64 tokens without a word about it')
      : right(notice.trim());
  },
};

/** A sparse weights file over 2 GiB: it is read in pieces, and unsupported uses are rejected at once. */
export const largeFile: Case = {
  name: 'P08 (a file over 2 GiB)',
  expects: 'one sentence with sizes before anything is read; no RangeError, no retries',
  async check(product, files) {
    const base = await sparseModel(join(files.scratch, 'p08'));
    const explained = await product.run(['doctor', '--base', base]);
    const trained = await product.run([
      'train',
      '--corpus',
      join(files.folder, plainCorpus),
      '--base',
      base,
      '--name',
      'case-p08',
    ]);
    for (const result of [explained, trained]) {
      if (/RangeError|ERR_FS_FILE_TOO_LARGE|bug in Overture/.test(result.stderr + result.stdout))
        return wrong(failure(result));
    }
    if (trained.exitCode !== 3) return wrong(`not refused: ${failure(trained)}`);
    if (!/GiB|GB/.test(trained.stderr)) return wrong(`the refusal names no size: ${failure(trained)}`);
    return right(`${failure(trained)} (${trained.seconds.toFixed(1)} s)`);
  },
};

function ranTraining({ stderr }: CommandResult): boolean {
  return /(✓|▶) fineTune/.test(stderr);
}

/** A Llama of 0.7 billion float32 parameters, all zero and not allocated on disk. */
async function sparseModel(folder: string): Promise<string> {
  await mkdir(folder, { recursive: true });
  const size = { vocab: 32_000, hidden: 2_048, inner: 5_632, layers: 12 };
  const config = {
    architectures: ['LlamaForCausalLM'],
    model_type: 'llama',
    vocab_size: size.vocab,
    hidden_size: size.hidden,
    intermediate_size: size.inner,
    num_hidden_layers: size.layers,
    num_attention_heads: 32,
    num_key_value_heads: 32,
    max_position_embeddings: 2_048,
    rms_norm_eps: 1e-5,
    hidden_act: 'silu',
    tie_word_embeddings: true,
    bos_token_id: 0,
    eos_token_id: 1,
    pad_token_id: 1,
  };
  const square = [size.hidden, size.hidden];
  const layer = (i: number): (readonly [string, readonly number[]])[] => [
    [`model.layers.${i}.input_layernorm.weight`, [size.hidden]],
    [`model.layers.${i}.post_attention_layernorm.weight`, [size.hidden]],
    ...['q', 'k', 'v', 'o'].map(
      (name) => [`model.layers.${i}.self_attn.${name}_proj.weight`, square] as const,
    ),
    [`model.layers.${i}.mlp.gate_proj.weight`, [size.inner, size.hidden]],
    [`model.layers.${i}.mlp.up_proj.weight`, [size.inner, size.hidden]],
    [`model.layers.${i}.mlp.down_proj.weight`, [size.hidden, size.inner]],
  ];
  const tensors = [
    ['model.embed_tokens.weight', [size.vocab, size.hidden]] as const,
    ['model.norm.weight', [size.hidden]] as const,
    ...Array.from({ length: size.layers }, (_, i) => layer(i)).flat(),
  ];
  const header: Record<string, unknown> = {};
  let end = 0;
  for (const [name, shape] of tensors) {
    const bytes = 4 * shape.reduce((product, axis) => product * axis, 1);
    header[name] = { dtype: 'F32', shape, data_offsets: [end, end + bytes] };
    end += bytes;
  }
  const json = Buffer.from(JSON.stringify(header));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(json.length));
  await using file = await open(join(folder, 'model.safetensors'), 'w');
  await file.write(Buffer.concat([length, json]));
  await file.truncate(8 + json.length + end);
  const vocab = Object.fromEntries(
    ['<s>', '</s>', '<unk>', ...'abcdefghijklmnopqrstuvwxyz'].map((token, id) => [token, id]),
  );
  const special = ['<s>', '</s>', '<unk>'].map((content, id) => ({
    id,
    content,
    single_word: false,
    lstrip: false,
    rstrip: false,
    normalized: false,
    special: true,
  }));
  await writeFile(join(folder, 'config.json'), JSON.stringify(config));
  await writeFile(
    join(folder, 'tokenizer.json'),
    JSON.stringify({
      version: '1.0',
      truncation: null,
      padding: null,
      added_tokens: special,
      normalizer: null,
      pre_tokenizer: { type: 'ByteLevel', add_prefix_space: false, trim_offsets: true, use_regex: true },
      post_processor: null,
      decoder: { type: 'ByteLevel', add_prefix_space: true, trim_offsets: true, use_regex: true },
      model: {
        type: 'BPE',
        dropout: null,
        unk_token: '<unk>',
        fuse_unk: false,
        byte_fallback: false,
        vocab,
        merges: [],
      },
    }),
  );
  await writeFile(
    join(folder, 'tokenizer_config.json'),
    JSON.stringify({ eos_token: '</s>', pad_token: '</s>' }),
  );
  return folder;
}
