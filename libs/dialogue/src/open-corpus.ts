import { readdir, stat } from 'node:fs/promises';
import { basename, extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Conversation, SplitName } from './conversation.ts';
import { corpusFormats, parseFormatName, recogniseFormat, type CorpusFormatName } from './formats/corpus-formats.ts';
import { corpusError, ProblemLog } from './reading/problem-log.ts';
import { fileError } from './reading/read-bytes.ts';
import { readHead } from './reading/read-head.ts';
import { defaultReadLimits, type ReadLimits } from './reading/read-limits.ts';

export interface OpenCorpusOptions {
  /** `auto` (the default) recognises the format from the beginning of the files. */
  readonly format?: CorpusFormatName | 'auto';
  readonly limits?: Partial<ReadLimits>;
}

/** A file of a corpus; `split` when its name says which part it is. */
export interface CorpusFile {
  readonly path: string;
  readonly split?: SplitName;
}

/** A corpus whose place and format are known; nothing but the beginning of its files has been read. */
export interface Corpus {
  readonly path: string;
  readonly format: CorpusFormatName;
  readonly files: readonly CorpusFile[];
  /**
   * Reads the conversations, from the beginning at each call, one in memory at a time. Faults are collected: the error
   * that ends the reading lists the first ones of the file.
   */
  conversations(options?: { readonly signal?: AbortSignal }): AsyncIterable<Conversation>;
}

/** File names of a split in a corpus folder, without their endings. */
const splitFileNames: Readonly<Record<string, SplitName>> = {
  train: 'train',
  valid: 'valid',
  validation: 'valid',
  val: 'valid',
  dev: 'valid',
  test: 'test',
};
const endings = ['.tsv', '.json', '.jsonl', '.ndjson'];

/**
 * Opens a corpus: a file, or a folder with a file per split (`train`, `valid` or `dev`, `test`).
 * @param uri A path or a `file:` URL.
 * @throws AppError `CORPUS_…`, naming file and line; never retryable.
 */
export async function openCorpus(uri: string, options: OpenCorpusOptions = {}): Promise<Corpus> {
  const path = uri.startsWith('file:') ? fileURLToPath(uri) : uri;
  const asked = parseFormatName(options.format ?? 'auto');
  const files = await corpusFiles(path);
  const limits = { ...defaultReadLimits, ...options.limits };
  const formats = await Promise.all(files.map(async (file) => recognised(await readHead(file.path), asked)));
  const [format] = formats;
  if (format === undefined || formats.some((other) => other !== format)) {
    const found = files.map((file, i) => `${basename(file.path)} is ${formats[i]}`).join(', ');
    throw corpusError({
      code: 'CORPUS_FORMATS_MIXED',
      file: path,
      message: `All files of a corpus must have one format: ${found}. Convert them, or open one file.`,
    });
  }
  return {
    path,
    format,
    files,
    async *conversations({ signal } = {}) {
      for (const file of files) yield* conversationsOf(file, { format, limits, signal });
    },
  };
}

function recognised(head: Awaited<ReturnType<typeof readHead>>, asked: CorpusFormatName | 'auto'): CorpusFormatName {
  return asked === 'auto' ? recogniseFormat(head) : asked;
}

async function corpusFiles(path: string): Promise<CorpusFile[]> {
  const names = await entriesOf(path);
  if (names === undefined) return [{ path }];
  const found = names.sort().flatMap((name) => {
    const ending = extname(name).toLowerCase();
    const split = endings.includes(ending) ? splitFileNames[basename(name, extname(name)).toLowerCase()] : undefined;
    return split ? [{ path: join(path, name), split }] : [];
  });
  for (const split of new Set(found.map((file) => file.split))) {
    const same = found.filter((file) => file.split === split).map((file) => basename(file.path));
    if (same.length > 1) {
      throw corpusError({
        code: 'CORPUS_SPLIT_AMBIGUOUS',
        file: path,
        message: `A folder must have one file per split, and ${same.join(' and ')} are both ${split}. Move one away, or open one file.`,
      });
    }
  }
  if (!found.some((file) => file.split === 'train')) {
    const seen = names
      .slice(0, 10)
      .map((name) => JSON.stringify(name))
      .join(', ');
    throw corpusError({
      code: 'CORPUS_NO_TRAIN_SPLIT',
      file: path,
      message: `A corpus folder must have a file train${endings.join(' or train')} (and may have valid or dev, and test). ${seen === '' ? 'It is empty' : `It has ${seen}`}: rename the file, or give its path instead of the folder's.`,
    });
  }
  const order: (SplitName | undefined)[] = ['train', 'valid', 'test'];
  return found.sort((a, b) => order.indexOf(a.split) - order.indexOf(b.split));
}

/** Names in a folder, or undefined for a file. */
async function entriesOf(path: string): Promise<string[] | undefined> {
  try {
    return (await stat(path)).isDirectory() ? await readdir(path) : undefined;
  } catch (error) {
    throw fileError(path, error);
  }
}

interface ReadOptions {
  readonly format: CorpusFormatName;
  readonly limits: ReadLimits;
  readonly signal?: AbortSignal;
}

async function* conversationsOf({ path: file, split }: CorpusFile, { format, limits, signal }: ReadOptions): AsyncGenerator<Conversation> {
  const problems = new ProblemLog(limits.problems);
  const name = basename(file, extname(file));
  let read = 0;
  try {
    for await (const conversation of corpusFormats[format].read({ file, name, limits, problems, signal })) {
      read++;
      if (split !== undefined && conversation.split !== undefined && conversation.split !== split) {
        problems.add({
          code: 'CORPUS_SPLIT_CONFLICT',
          file,
          line: conversation.source?.line,
          key: 'split',
          message: `A conversation of the file of ${split} must be of that split or name none. Got ${conversation.split} instead.`,
        });
      }
      if (problems.empty) yield split === undefined ? conversation : { ...conversation, split };
    }
  } catch (error) {
    throw problems.including(error);
  }
  problems.throwIfAny();
  if (read === 0)
    throw corpusError({
      code: 'CORPUS_EMPTY',
      file,
      message: 'A corpus must have conversations, and this file has none. Give another file.',
    });
}
