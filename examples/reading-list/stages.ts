import { AppError, digestOf } from '@overture/core';
import { implementing } from '@overture/execution';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { countWords, listTexts, writeList } from './contracts.ts';

/** What this application decides for all its stages. */
export interface Settings {
  /** Folders are named relative to this one. */
  readonly root: string;
}

const implement = implementing<Settings>();

async function textsIn(folder: string): Promise<[string, Uint8Array][]> {
  const names = await readdir(folder).catch((cause: Error) => {
    // An AppError is not retried, unless it says `retryable`: the stage waits for a person at once.
    throw new AppError('FOLDER_UNREADABLE', `The folder of texts must be readable: ${cause.message}.`, {
      cause,
    });
  });
  const texts = names.filter((name) => name.endsWith('.txt')).sort();
  return Promise.all(
    texts.map(async (name): Promise<[string, Uint8Array]> => [name, await readFile(join(folder, name))]),
  );
}

export const stages = [
  implement(
    listTexts,
    async ({ folder }, { artifacts, settings }) => {
      const texts = await textsIn(join(settings.root, folder));
      return {
        texts: await Promise.all(
          texts.map(async ([name, bytes]) => ({ name, text: await artifacts.put('text', bytes) })),
        ),
      };
    },
    // The same folder may hold other texts tomorrow: the fingerprint is part of the cache key.
    {
      fingerprint: async ({ folder }, { settings }) =>
        (await textsIn(join(settings.root, folder))).map(([name, bytes]) => [name, digestOf(bytes)]),
    },
  ),
  implement(countWords, async ({ name, text }, { artifacts }) => {
    const words = new TextDecoder().decode(await artifacts.readBytes(text)).match(/\p{L}+/gu) ?? [];
    return { line: `${name}: ${words.length} words`, words: words.length };
  }),
  implement(writeList, async ({ folder, lines }, { settings }) => {
    const file = join(settings.root, folder, 'reading-list.md');
    await writeFile(file, lines.map((line) => `* ${line}\n`).join(''));
    return { file };
  }),
];
