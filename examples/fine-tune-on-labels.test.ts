import { spawnSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { env, pipeline } from '@huggingface/transformers';
import { afterAll, beforeAll, expect, it } from 'vitest';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'overture-labels-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

it('learns two labels from JSON Lines and writes what transformers.js opens', async () => {
  const [things, feelings] = [
    ['printer', 'screen', 'phone', 'router', 'mouse'],
    {
      praise: ['works well', 'is great', 'runs nicely'],
      complaint: ['is broken', 'does not start', 'keeps failing'],
    },
  ];
  const lines = Object.entries(feelings).flatMap(([label, words]) =>
    things.flatMap((thing) => words.map((word) => ({ text: `My ${thing} ${word}.`, label }))),
  );
  const file = join(folder, 'labeled.jsonl');
  // alternately, so that both labels are in the validation split
  await writeFile(
    file,
    Array.from({ length: 60 }, (_, i) => `${JSON.stringify(lines[((i % 2) * 15 + (i >> 1)) % 30])}\n`).join(
      '',
    ),
  );
  const to = join(folder, 'classifier');
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [join(import.meta.dirname, 'fine-tune-on-labels.ts'), file, to, 'tiny', '4', '2e-3'],
    { encoding: 'utf8' },
  );
  expect(status, stderr).toBe(0);
  expect(JSON.parse(stdout)).toMatchObject({ labels: ['complaint', 'praise'], folder: to });

  env.allowRemoteModels = false;
  const classify = await pipeline('text-classification', to, { dtype: 'fp32' });
  const found = (await classify(['My screen is great.', 'My mouse keeps failing.'])) as { label: string }[];
  expect(found.map(({ label }) => label)).toEqual(['praise', 'complaint']);
  await classify.dispose();
});
