import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { readPrompts, writePrompts } from './prompt-file.ts';

it.each([[[]], [[[7]]], [[[1, 2, 3], [], [2 ** 31 - 1, 0]]]])(
  'reads back the prompts %j',
  async (prompts) => {
    const folder = await mkdtemp(join(tmpdir(), 'overture-prompts-'));
    onTestFinished(() => rm(folder, { recursive: true }));
    const file = join(folder, 'prompts');
    await writePrompts(file, prompts);
    expect(await readPrompts(file)).toEqual(prompts);
  },
);
