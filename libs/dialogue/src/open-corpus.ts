import { readdir, stat } from 'node:fs/promises';
import { basename, extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Conversation, SplitName } from './conversation.ts';
import type { CorpusFormat } from './formats/corpus-format.ts';
import {
  corpusFormats,
  parseFormatName,
  recognizeFormat,
  type CorpusFormatName,
} from './formats/corpus-formats.ts';
import { onlyPrompts } from './formats/fault-messages.ts';
import { corpusError, ProblemLog } from './reading/problem-log.ts';
import { fileError } from './reading/read-bytes.ts';
import { readHead, type FileHead } from './reading/read-head.ts';
import { defaultReadLimits, type ReadLimits } from './reading/read-limits.ts';

/** Options of `openCorpus`. */
export interface OpenCorpusOptions {
  /** `auto` (the default) recognizes the format from the beginning of the files. */
  readonly format?: CorpusFormatName | 'auto';
  readonly limits?: Partial<ReadLimits>;
}

/** A file of a corpus. `split` is set if the file's name identifies a split. */
export interface CorpusFile {
  readonly path: string;
  readonly split?: SplitName;
}

/** A corpus with a known location and format. Only the beginning of its files has been read. */
export interface Corpus {
  readonly path: string;
  readonly format: CorpusFormatName;
  readonly files: readonly CorpusFile[];
  /**
   * Decisions made while opening it that the user should know, such as a file that is left out; complete
   * sentences.
   */
  readonly notices: readonly string[];
  /**
   * Reads the conversations, from the beginning at each call, with one in memory at a time. Faults are
   * collected: the error that ends the reading lists the first ones of the file.
   */
  conversations(options?: { readonly signal?: AbortSignal }): AsyncIterable<Conversation>;
}

/** File names of a split in a corpus folder, without extensions. */
const splitFileNames: Readonly<Record<string, SplitName>> = {
  train: 'train',
  valid: 'valid',
  validation: 'valid',
  val: 'valid',
  dev: 'valid',
  test: 'test',
  // ClariQ's official name for the labeled test split.
  test_with_labels: 'test',
};
const endings = ['.tsv', '.json', '.jsonl', '.ndjson'];

/**
 * Opens a corpus: a file, or a folder with a file per split (`train`, `valid` or `dev`, `test`).
 * @param uri a path or a `file:` URL
 * @throws AppError `CORPUS_…`, naming file and line; never retryable
 */
export async function openCorpus(uri: string, options: OpenCorpusOptions = {}): Promise<Corpus> {
  const path = uri.startsWith('file:') ? fileURLToPath(uri) : uri;
  const asked = parseFormatName(options.format ?? 'auto');
  const limits = { ...defaultReadLimits, ...options.limits };
  const found = await Promise.all(
    (await corpusFiles(path)).map(async (file): Promise<OpenedFile> => {
      const head = await readHead(file.path);
      return { ...file, head, format: recognized(head, asked) };
    }),
  );
  const format = oneFormat(found, path);
  const { files, notices } = labeledFiles(found, format);
  assertOneFilePerSplit(files, path);
  return {
    path,
    format,
    files: files.map(({ path: file, split }) => ({ path: file, ...(split && { split }) })),
    notices,
    async *conversations({ signal } = {}) {
      for (const file of files) yield* conversationsOf(file, { format, limits, signal });
    },
  };
}

interface OpenedFile extends CorpusFile {
  readonly head: FileHead;
  readonly format: CorpusFormatName;
}

function recognized(head: FileHead, asked: CorpusFormatName | 'auto'): CorpusFormatName {
  const name = asked === 'auto' ? recognizeFormat(head) : asked;
  const format: CorpusFormat = corpusFormats[name];
  const message = format.refusal?.(head);
  if (message === undefined) return name;
  throw corpusError({ code: 'CORPUS_FORMAT_UNKNOWN', file: head.file, line: 1, message });
}

function oneFormat(files: readonly OpenedFile[], path: string): CorpusFormatName {
  const [first] = files;
  if (first !== undefined && files.every(({ format }) => format === first.format)) return first.format;
  const found = files.map((file) => `${basename(file.path)} is ${file.format}`).join(', ');
  throw corpusError({
    code: 'CORPUS_FORMATS_MIXED',
    file: path,
    message: `All files of a corpus must have one format: ${found}. Convert them, or open one file.`,
  });
}

/**
 * Drops the files of a folder that have no labels by their format, such as published test splits. The
 * training file is always kept.
 */
function labeledFiles(
  files: readonly OpenedFile[],
  format: CorpusFormatName,
): { files: readonly OpenedFile[]; notices: readonly string[] } {
  const { unlabeled }: CorpusFormat = corpusFormats[format];
  const kept: OpenedFile[] = [];
  const notices: string[] = [];
  for (const file of files) {
    const reason = file.split === undefined || file.split === 'train' ? undefined : unlabeled?.(file.head);
    if (reason === undefined) kept.push(file);
    else notices.push(`${basename(file.path)} has no labels and is left out: ${reason}.`);
  }
  return { files: kept, notices };
}

async function corpusFiles(path: string): Promise<CorpusFile[]> {
  const names = await entriesOf(path);
  if (names === undefined) return [{ path }];
  const found = names.sort().flatMap((name) => {
    const ending = extname(name).toLowerCase();
    const split = endings.includes(ending)
      ? splitFileNames[basename(name, extname(name)).toLowerCase()]
      : undefined;
    return split ? [{ path: join(path, name), split }] : [];
  });
  if (!found.some((file) => file.split === 'train')) throw noTrainFile(path, names);
  const order: (SplitName | undefined)[] = ['train', 'valid', 'test'];
  return found.sort((a, b) => order.indexOf(a.split) - order.indexOf(b.split));
}

function assertOneFilePerSplit(files: readonly CorpusFile[], path: string): void {
  for (const split of new Set(files.map((file) => file.split))) {
    const same = files.filter((file) => file.split === split).map((file) => basename(file.path));
    if (same.length === 1) continue;
    throw corpusError({
      code: 'CORPUS_SPLIT_AMBIGUOUS',
      file: path,
      message: `A folder must have one file per split, and ${same.join(' and ')} are both ${split}. Move one away, or open one file.`,
    });
  }
}

function noTrainFile(path: string, names: readonly string[]): Error {
  const compressed = names.find((name) => /^train\.\w+\.(gz|zst|bz2|xz|zip)$/i.test(name));
  const seen = names
    .slice(0, 10)
    .map((name) => JSON.stringify(name))
    .join(', ');
  const advice =
    compressed === undefined
      ? `${seen === '' ? 'It is empty' : `It has ${seen}`}: rename the file, or give its path instead of the folder's.`
      : `It has ${JSON.stringify(compressed)}, which is compressed: decompress it first.`;
  return corpusError({
    code: 'CORPUS_NO_TRAIN_SPLIT',
    file: path,
    message: `A corpus folder must have a file train${endings.join(' or train')} (and may have valid or dev, and test). ${advice}`,
  });
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

async function* conversationsOf(
  { path: file, split }: CorpusFile,
  { format, limits, signal }: ReadOptions,
): AsyncGenerator<Conversation> {
  const problems = new ProblemLog(limits.problems);
  const name = basename(file, extname(file));
  let read = 0;
  try {
    for await (const conversation of corpusFormats[format].read({ file, name, limits, problems, signal })) {
      read++;
      if (conversation.utterances.length === 0 && conversation.prompts)
        problems.add({ code: 'CORPUS_FIELD', file, line: conversation.source?.line, message: onlyPrompts });
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
