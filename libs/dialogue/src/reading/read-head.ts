import { open, stat } from 'node:fs/promises';
import { corpusError } from './problem-log.ts';
import { fileError } from './read-bytes.ts';

/** The beginning of a file, from which its format is recognized. */
export interface FileHead {
  readonly file: string;
  /** Up to 64 KiB, without a byte order mark. */
  readonly text: string;
  /** The first line that is not blank, up to the end of the head. */
  readonly firstLine: string;
}

const headBytes = 64 * 1024;

/** The first bytes of common files that are not text, and what to do about each. */
const signatures: readonly { readonly bytes: readonly number[]; readonly what: string }[] = [
  { bytes: [0x1f, 0x8b], what: 'is compressed with gzip: decompress it first (gunzip)' },
  { bytes: [0x28, 0xb5, 0x2f, 0xfd], what: 'is compressed with zstd: decompress it first (unzstd)' },
  { bytes: [0x42, 0x5a, 0x68], what: 'is compressed with bzip2: decompress it first (bunzip2)' },
  { bytes: [0xfd, 0x37, 0x7a, 0x58, 0x5a], what: 'is compressed with xz: decompress it first (unxz)' },
  {
    bytes: [0x50, 0x4b, 0x03, 0x04],
    what: 'is a zip archive (or a spreadsheet): extract or export it as text first',
  },
  {
    bytes: [0x50, 0x41, 0x52, 0x31],
    what: 'is Parquet: write it as JSON Lines first (in pandas, df.to_json(path, orient="records", lines=True))',
  },
  {
    bytes: [0xff, 0xfe, 0x00, 0x00],
    what: 'is UTF-32: convert it to UTF-8 first (iconv -f UTF-32 -t UTF-8)',
  },
  { bytes: [0xff, 0xfe], what: 'is UTF-16: convert it to UTF-8 first (iconv -f UTF-16 -t UTF-8)' },
  { bytes: [0xfe, 0xff], what: 'is UTF-16: convert it to UTF-8 first (iconv -f UTF-16 -t UTF-8)' },
];

/**
 * Reads the beginning of a file.
 * @throws AppError `CORPUS_EMPTY`, `CORPUS_BINARY`, `CORPUS_NOT_FOUND` or `CORPUS_UNREADABLE`
 */
export async function readHead(file: string): Promise<FileHead> {
  const bytes = await firstBytes(file);
  const signature = signatures.find(({ bytes: expected }) => expected.every((byte, i) => bytes[i] === byte));
  if (signature) throw binary(file, `This one ${signature.what}.`);
  if (looksLikeUtf16(bytes))
    throw binary(
      file,
      'This one is UTF-16 without a byte order mark: convert it to UTF-8 first (iconv -f UTF-16LE -t UTF-8, or UTF-16BE).',
    );
  if (bytes.includes(0))
    throw binary(
      file,
      'This one has NUL bytes: it is a file of another kind, or damaged. Give a file of one of the formats in docs/corpora.md.',
    );
  const text = bytes.toString('utf8').replace(/^\uFEFF/, '');
  if (text.trim() === '') {
    throw corpusError({
      code: 'CORPUS_EMPTY',
      file,
      message: `A corpus must have conversations, and this file ${bytes.length === 0 ? 'is empty' : 'begins with nothing but white space'}. Give another file.`,
    });
  }
  if (/\S\r+\s*\S/.test(text) && !text.includes('\n')) {
    throw corpusError({
      code: 'CORPUS_FORMAT_UNKNOWN',
      file,
      line: 1,
      message:
        "Lines must end with a line feed, and this file's end with a carriage return only. Convert it (tr '\\r' '\\n' < FILE > NEW).",
    });
  }
  return { file, text, firstLine: text.trimStart().split(/\r?\n/, 1)[0] ?? '' };
}

/** In Latin text as UTF-16, every other byte is zero. */
function looksLikeUtf16(bytes: Buffer): boolean {
  const pairs = Math.min(64, Math.floor(bytes.length / 2));
  const zeros = [0, 0];
  for (let i = 0; i < 2 * pairs; i++) if (bytes[i] === 0) zeros[i % 2]!++;
  return pairs >= 2 && Math.max(...zeros) >= 0.8 * pairs && Math.min(...zeros) <= 0.1 * pairs;
}

async function firstBytes(file: string): Promise<Buffer> {
  try {
    if (!(await stat(file)).isFile()) {
      throw corpusError({
        code: 'CORPUS_UNREADABLE',
        file,
        message: 'A corpus file must be a regular file, and this is not one.',
      });
    }
    const handle = await open(file);
    try {
      const { bytesRead, buffer } = await handle.read(Buffer.alloc(headBytes), 0, headBytes, 0);
      return buffer.subarray(0, bytesRead);
    } finally {
      await handle.close();
    }
  } catch (error) {
    throw fileError(file, error);
  }
}

function binary(file: string, what: string): Error {
  return corpusError({ code: 'CORPUS_BINARY', file, message: `A corpus must be UTF-8 text. ${what}` });
}
