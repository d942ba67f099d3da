import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { knownReports } from './known-reports.ts';

let report: string;
beforeEach(async () => void (report = await mkdtemp(join(tmpdir(), 'overture-known-'))));
afterEach(() => rm(report, { recursive: true }));

const notes: string[] = [];
const context = { cwd: tmpdir(), terminal: { note: (text: string) => void notes.push(text) } };

it('takes what learned or asked, and of that what is wanted', async () => {
  await writeFile(
    join(report, 'study.json'),
    JSON.stringify({
      arms: ['firstTurnRule', 'tfidfBalanced', 'encoderBalanced', 'ensemble'].map((name) => ({ name })),
    }),
  );
  expect(await knownReports(context, [basename(report)], undefined)).toEqual([
    { report, arms: ['encoderBalanced'] },
  ]);
  expect(await knownReports(context, [report], ['encoderBalanced', 'random'])).toEqual([
    { report, arms: ['encoderBalanced'] },
  ]);
  expect(notes).toEqual([]);
  expect(await knownReports(context, [report], ['encoderFocal'])).toEqual([]);
  expect(notes).toEqual([`Nothing is taken from ${report}: it has none of the arms that this study runs.`]);
});

it('refuses a folder without a report, and says in sentences what is wrong with one', async () => {
  await expect(knownReports(context, [report], undefined)).rejects.toMatchObject({
    code: 'USAGE',
    message: expect.stringContaining(`--known must name the folder of a study's report`) as string,
  });
  await writeFile(join(report, 'study.json'), '{"arms": "none"}');
  await expect(knownReports(context, [report], undefined)).rejects.toThrow(
    'study.json cannot be read as one: arms must be a list. Got "none" instead.',
  );
});
