import { mkdir, mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AppError } from '@overture/core';
import { openRuntime } from '@overture/runtime';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { bundleFiles, int8GraphFile } from './bundle-files.ts';
import { digestBytes } from './digest-bytes.ts';
import { openBundle } from './open-bundle.ts';
import { initiativeProbability, paddedFeeds } from './padded-feeds.ts';
import { openPredictor } from './predictor.ts';
import { tinyBundleContent, validationExamples } from './testing/tiny-bundle.ts';
import { writeBundle } from './write-bundle.ts';

let scratch: string;
let folder: string;
beforeEach(async () => {
  scratch = await mkdtemp(join(tmpdir(), 'overture-bundle-'));
  folder = join(scratch, 'deep', 'bundle');
});
afterEach(() => rm(scratch, { recursive: true, force: true }));

async function contentOf(at: string): Promise<Record<string, string>> {
  return Object.fromEntries(
    await Promise.all(
      Object.values(bundleFiles).map(
        async (name) => [name, digestBytes(await readFile(join(at, name)))] as const,
      ),
    ),
  );
}

async function float32Probabilities(at: string): Promise<number[]> {
  await using session = await openRuntime({ threads: 1 }).load(join(at, bundleFiles.graph));
  const probabilities: number[] = [];
  for (const sequence of validationExamples.sequences) {
    const { logits } = await session.run(paddedFeeds([sequence], { padId: 0, inputs: session.inputs }));
    probabilities.push(initiativeProbability(logits!, 0));
  }
  return probabilities;
}

async function failure(promise: Promise<unknown>): Promise<AppError> {
  const error = await promise.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(AppError);
  return error as AppError;
}

describe('writeBundle', () => {
  it('writes the layout that transformers.js opens, the manifest and the card', async () => {
    const manifest = await writeBundle(folder, await tinyBundleContent(scratch));
    expect((await readdir(folder, { recursive: true })).sort()).toEqual([
      'README.md',
      'config.json',
      'onnx',
      'onnx/model.onnx',
      'overture.json',
      'tokenizer.json',
      'tokenizer_config.json',
    ]);
    expect(JSON.parse(await readFile(join(folder, 'config.json'), 'utf8'))).toMatchObject({
      model_type: 'bert',
      id2label: { 0: 'NO_INITIATIVE', 1: 'INITIATIVE' },
      label2id: { NO_INITIATIVE: 0, INITIATIVE: 1 },
      problem_type: 'single_label_classification',
    });
    expect(JSON.parse(await readFile(join(folder, 'tokenizer_config.json'), 'utf8'))).toEqual({
      tokenizer_class: 'BertTokenizer',
      model_max_length: 96,
      pad_token: '[PAD]',
      unk_token: '[UNK]',
      cls_token: '[CLS]',
      sep_token: '[SEP]',
      mask_token: '[MASK]',
    });
    expect(manifest).toMatchObject({
      decision: { threshold: 0.6, temperature: 1 },
      text: { protocol: 'cikm23', tagSet: { name: 'cikm23-5' }, maxLength: 96 },
    });
    expect((await openBundle(folder)).manifest).toEqual(manifest);
    const card = await readFile(join(folder, 'README.md'), 'utf8');
    expect(card).toContain('| macroF1 | 0.6123 |');
    expect(card).toContain('| threshold | 0.6 |');
    expect(card).toContain('OQ, RQ, CQ, FQ, IR (tag set `cikm23-5`)');
    expect(await readdir(join(scratch, 'deep'))).toEqual(['bundle']);
  });

  it('gives equal bytes for equal content, and replaces a folder of the same name', async () => {
    await writeBundle(folder, await tinyBundleContent(scratch));
    const first = await contentOf(folder);
    await writeFile(join(folder, 'left-over'), 'x');
    await writeBundle(folder, await tinyBundleContent(scratch));
    expect(await contentOf(folder)).toEqual(first);
    expect(await readdir(folder)).not.toContain('left-over');
  });

  it('keeps a graph in int8 that decides as well as float32, and says what was measured', async () => {
    const manifest = await writeBundle(folder, {
      ...(await tinyBundleContent(scratch)),
      int8: { validation: validationExamples, largestDrop: 0.5 },
    });
    const { int8 } = manifest;
    expect(int8).toMatchObject({ kept: true, largestDrop: 0.5, examples: 20 });
    expect(int8!.largestDifference).toBeGreaterThan(0);
    expect(manifest.files[int8GraphFile]).toMatch(/^sha256:/);
    const sizes = await Promise.all(
      [bundleFiles.graph, int8GraphFile].map(async (name) => (await readFile(join(folder, name))).length),
    );
    expect(sizes[1]! / sizes[0]!).toBeLessThan(0.6);
    expect(await readFile(join(folder, 'README.md'), 'utf8')).toContain(
      'On 20 examples of the validation split its macro-F1 is',
    );
    const first = digestBytes(await readFile(join(folder, int8GraphFile)));
    await writeBundle(folder, {
      ...(await tinyBundleContent(scratch)),
      int8: { validation: validationExamples, largestDrop: 0.5 },
    });
    expect(digestBytes(await readFile(join(folder, int8GraphFile)))).toBe(first);
  });

  it('leaves out a graph in int8 that falls short, and says so to whoever asks for it', async () => {
    // Labels equal the decisions of float32 at a threshold in the middle of its probabilities: any other
    // decision lowers the score.
    const content = await tinyBundleContent(scratch);
    await writeBundle(folder, content);
    const probabilities = await float32Probabilities(folder);
    const threshold = [...probabilities].sort((a, b) => a - b)[10]!;
    const labels = probabilities.map((probability) => Number(probability >= threshold));
    const manifest = await writeBundle(folder, {
      ...content,
      threshold,
      int8: { validation: { ...validationExamples, labels }, largestDrop: 0 },
    });
    expect(manifest.int8).toMatchObject({ kept: false, macroF1: { float32: 1 } });
    expect(await readdir(join(folder, 'onnx'))).toEqual(['model.onnx']);
    expect(await readFile(join(folder, 'README.md'), 'utf8')).toContain('There is no int8 graph');
    const refusal = await failure(openPredictor(folder, { precision: 'int8', processes: 0 }));
    expect(refusal).toMatchObject({ code: 'BUNDLE_WITHOUT_INT8' });
    expect(refusal.message).toMatch(
      /has none: its macro-F1 was 0\.\d{4} lower, and 0 was allowed\. Use float32\./,
    );
  });

  it('refuses settings and parts that do not fit each other, and leaves nothing', async () => {
    expect(
      (await failure(writeBundle(folder, await tinyBundleContent(scratch, { threshold: 1.5 })))).message,
    ).toMatch(/valid settings\. decision\.threshold must be at most 1\. Got 1\.5 instead\.$/);
    const tooLong = await failure(writeBundle(folder, await tinyBundleContent(scratch, { maxLength: 256 })));
    expect(tooLong).toMatchObject({ code: 'BUNDLE_CONTENT_INVALID' });
    expect(tooLong.message).toContain('and 256 positions. Got');
    await expect(readdir(folder)).rejects.toThrow('ENOENT');
  });
});

describe('a broken bundle', () => {
  beforeEach(async () => {
    await writeBundle(folder, await tinyBundleContent(scratch));
  });

  const breaks: Readonly<Record<string, { change: () => Promise<unknown>; says: RegExp; code?: string }>> = {
    'without manifest': {
      change: () => rm(join(folder, 'overture.json')),
      says: /overture\.json: it cannot be read \(ENOENT\)/,
    },
    'with a manifest that is not JSON': {
      change: () => writeFile(join(folder, 'overture.json'), '{'),
      says: /overture\.json must be JSON/,
    },
    'with an unknown key': {
      change: () => edit((manifest) => (manifest['speed'] = 1)),
      says: /format version 1\. speed is not a known key\. Known here: format, .* Export the model again/,
    },
    'with an impossible threshold': {
      change: () => edit((manifest) => (manifest['decision'] = { threshold: 2, temperature: 1 })),
      says: /decision\.threshold must be at most 1\. Got 2 instead\. Export/,
    },
    'of another template': {
      change: () => edit((manifest) => Object.assign(manifest['text'] as object, { templateVersion: 99 })),
      says: /overture\.json names text template 99; this version of Overture reads template \d+\. Train the model again/,
      code: 'BUNDLE_TEMPLATE_UNKNOWN',
    },
    'without graph': {
      change: () => rm(join(folder, 'onnx'), { recursive: true }),
      says: /onnx\/model\.onnx: it cannot be read \(ENOENT\)/,
    },
    'with a changed graph': {
      change: () => writeFile(join(folder, 'onnx/model.onnx'), 'x'),
      says: /onnx\/model\.onnx: its digest should be sha256:\w+ and is sha256:/,
    },
    'with a graph that is none': {
      change: () => replace('onnx/model.onnx', 'not a graph'),
      says: /was not accepted by onnxruntime/,
      code: 'RUNTIME_LOAD_FAILED',
    },
    'with a tokenizer that is none': {
      change: () => replace('tokenizer.json', '[]'),
      says: /tokenizer\.json must be a JSON object/,
      code: 'TOKENIZER_INVALID',
    },
    'with the configuration of an unknown network': {
      change: () => replace('config.json', '{"model_type":"mamba"}'),
      says: /"model_type" that Overture knows/,
      code: 'MODEL_FAMILY_UNKNOWN',
    },
  };

  async function edit(change: (manifest: Record<string, unknown>) => void): Promise<void> {
    const path = join(folder, 'overture.json');
    const manifest = JSON.parse(await readFile(path, 'utf8')) as Record<string, unknown>;
    change(manifest);
    await writeFile(path, JSON.stringify(manifest));
  }

  /** Replaces a file's content and updates its digest in the manifest. */
  async function replace(name: string, text: string): Promise<void> {
    await mkdir(join(folder, 'onnx'), { recursive: true });
    await writeFile(join(folder, name), text);
    await edit(
      (manifest) =>
        ((manifest['files'] as Record<string, string>)[name] = digestBytes(new TextEncoder().encode(text))),
    );
  }

  it.each(Object.keys(breaks))('%s is refused with the file and the reason', async (kind) => {
    const { change, says, code = 'BUNDLE_INVALID' } = breaks[kind]!;
    await change();
    const error = await failure(openPredictor(folder, { processes: 0, threads: 1 }));
    expect(error).toMatchObject({ code, retryable: false });
    expect(error.message).toMatch(says);
  });
});
