import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readPredictions } from '../out-of-fold.ts';
import { runStage, type Test } from '../testing/run-stage.ts';
import { studyOf, type StudyOf } from '../testing/study-of.ts';
import { testServices } from '../testing/services.ts';
import { reportStudyStage } from './report-study.ts';
import { takeArmsStage } from './take-arms.ts';

let report: string;
beforeEach(async () => void (report = await mkdtemp(join(tmpdir(), 'overture-known-'))));
afterEach(() => rm(report, { recursive: true }));

/** A study whose report is in the folder. */
async function reported(test: Test): Promise<StudyOf> {
  const input = await studyOf(test);
  const { report: ref } = await runStage(test, reportStudyStage, input);
  await rm(report, { recursive: true });
  await test.services.artifacts.materialize(ref, report);
  return input;
}

const good = { name: 'good', seeds: [4, 5] };
const take = (test: Test, { corpus, folds }: Pick<StudyOf, 'corpus' | 'folds'>, arms = [good]) =>
  runStage(test, takeArmsStage, { report, corpus, folds, arms });

describe('takeArms', () => {
  it('gives what the arms said, fold by fold, so that a study with them finds the same', async () => {
    await using test = await testServices();
    const input = await reported(test);
    const { parts, source } = await take(test, input, [good, { name: 'text', seeds: [0] }]);
    expect(parts.map(({ arm, fold, seed }) => `${arm} ${seed} ${fold}`)).toEqual([
      'good 4 0',
      'good 4 1',
      'good 4 2',
      'good 5 0',
      'good 5 1',
      'good 5 2',
      'text 0 0',
      'text 0 1',
      'text 0 2',
    ]);
    const given = input.parts.flat();
    for (const { arm, fold, seed, predictions } of parts) {
      const own = given.find((part) => part.arm === arm && part.fold === fold && part.seed === seed)!;
      expect(await readPredictions(test.services.artifacts, predictions)).toEqual(
        await readPredictions(test.services.artifacts, own.predictions),
      );
    }
    expect(source).toMatch(/^sha256:[0-9a-f]{64}$/);
    const first = await runStage(test, reportStudyStage, input);
    const again = await runStage(test, reportStudyStage, {
      ...input,
      parts: [given.filter(({ arm }) => arm === 'poor'), parts],
      costs: [[{ arm: 'good', seconds: 60, tokens: 7 }]],
    });
    expect(again.summary).toEqual(first.summary);
    await rm(report, { recursive: true });
    await test.services.artifacts.materialize(again.report, report);
    expect(JSON.parse(await readFile(join(report, 'costs.json'), 'utf8'))).toContainEqual({
      arm: 'good',
      seconds: 60,
      tokens: 7,
    });
  });

  it('refuses a report about another corpus or other folds, and one without the arm', async () => {
    await using test = await testServices();
    const input = await reported(test);
    await expect(
      take(test, { ...input, folds: { ...input.folds, digest: `sha256:${'0'.repeat(64)}` as never } }),
    ).rejects.toMatchObject({ code: 'STUDY_REPORT_UNFIT', retryable: false });
    await expect(
      take(test, input, [
        { name: 'good', seeds: [4, 6] },
        { name: 'better', seeds: [0] },
      ]),
    ).rejects.toThrow(
      'must have good under seed 6, better under seed 0. It has random (0, 1), firstTurn (0), good (4, 5), poor (4), text (0), both (0)',
    );
  });

  it('refuses a folder without a report, and a line that is no prediction', async () => {
    await using test = await testServices();
    const input = await reported(test);
    const file = join(report, 'predictions.jsonl.gz');
    const lines = gunzipSync(await readFile(file))
      .toString()
      .split('\n');
    await writeFile(file, gzipSync(lines.with(2, '{"arm":"good","fold":"one"}').join('\n')));
    await expect(take(test, input)).rejects.toMatchObject({
      code: 'PREDICTIONS_INVALID',
      message: expect.stringContaining('Line 3 is not') as string,
    });
    for (const harmed of [gzipSync(lines.join('\n')).subarray(0, -20), Buffer.from('no gzip')]) {
      await writeFile(file, harmed);
      await expect(take(test, input)).rejects.toMatchObject({
        code: 'PREDICTIONS_INVALID',
        message: expect.stringContaining('must be a whole gzip file') as string,
      });
    }
    await rm(join(report, 'study.json'));
    await expect(take(test, input)).rejects.toMatchObject({ code: 'STUDY_REPORT_INVALID' });
  });
});
