import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { putPredictions, readPredictions } from '../out-of-fold.ts';
import { runStage } from '../testing/run-stage.ts';
import { studyOf, type StudyOf } from '../testing/study-of.ts';
import { testServices } from '../testing/services.ts';
import { reportStudyStage } from './report-study.ts';

describe('reportStudy', () => {
  it('sets all arms side by side, keeps what they said, and answers what was planned', async () => {
    await using test = await testServices();
    const input = await studyOf(test);
    const { summary, predictions, report } = await runStage(test, reportStudyStage, input);
    expect(summary.arms.map(({ name, family, hard, seeds }) => [name, family, hard, seeds.length])).toEqual([
      ['random', 'floor', true, 2],
      ['firstTurn', 'floor', false, 1],
      ['good', 'encoder', false, 2],
      ['poor', 'frozen', false, 1],
      ['text', 'text', true, 1],
      ['both', 'ensemble', false, 1],
    ]);
    expect(summary).toMatchObject({
      examples: 96,
      folds: 3,
      initiative: 40,
      corpus: 'zebra',
      bootstrap: { samples: 100, groups: 48 },
    });
    expect(summary.contrasts.map(({ name, better }) => [name, better])).toEqual([
      ['goodPoor', 'good'],
      ['best', summary.best],
    ]);
    expect(summary.unanswered).toEqual([
      {
        name: 'ens',
        question: 'And with late?',
        reason: 'withLate was left out: its member late was left out',
      },
    ]);
    expect(summary.arms[4]).toMatchObject({ unparsable: 20, auc: null });

    const lines = await readPredictions(test.services.artifacts, predictions);
    expect(lines).toHaveLength(96 * 8);
    const raw = new TextDecoder()
      .decode(await test.services.artifacts.readBytes(predictions))
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { arm: string; unparsable?: true });
    expect(new Set(raw.map(({ arm }) => arm)).size).toBe(6);
    expect(raw.filter(({ arm, unparsable }) => arm === 'text' && unparsable)).toHaveLength(20);

    const folder = join(test.services.settings.stateDir, 'report');
    await test.services.artifacts.materialize(report, folder);
    const [json, markdown, html] = (await Promise.all(
      ['study.json', 'study.md', 'study.html'].map((name) => readFile(join(folder, name), 'utf8')),
    )) as [string, string, string];
    expect(html).toContain('zebra0 is broken');
    expect(json).not.toMatch(/zebra\d/);
    expect(markdown).not.toMatch(/zebra\d/);
    expect(markdown).toContain('encoder | minilm');
    expect(JSON.parse(json)).toMatchObject({
      parts: [
        { arm: 'good', fold: 0, seed: 4, sources: { bundle: expect.stringMatching(/^sha256:/) as string } },
        ...Array<object>(11).fill({}),
      ],
    });
    expect(test.services.registry.executions.at(-1)?.metrics).toContainEqual({
      scope: 'arm:good',
      name: 'macroF1',
      value: summary.arms[2]!.macroF1,
    });
  });

  it('names weak labels on its pages', async () => {
    await using test = await testServices();
    const { report } = await runStage(test, reportStudyStage, await studyOf(test, { weak: true }));
    const folder = join(test.services.settings.stateDir, 'report');
    await test.services.artifacts.materialize(report, folder);
    const [json, markdown] = (await Promise.all(
      ['study.json', 'study.md'].map((name) => readFile(join(folder, name), 'utf8')),
    )) as [string, string];
    const labels =
      'weak, by rule `question`; on MSDialog this rule agrees with human labels at macro-F1 0.76';
    expect(JSON.parse(json)).toMatchObject({ provenance: { labels } });
    expect(markdown.replaceAll('\\`', '`')).toContain(
      `The labels are ${labels}. Scores measure agreement with the rule, not with people.`,
    );
  });

  it('makes the same report of the same input, in whatever order the parts come', async () => {
    await using test = await testServices();
    await using elsewhere = await testServices();
    const one = await runStage(test, reportStudyStage, await studyOf(test));
    const input = await studyOf(elsewhere);
    const other = await runStage(elsewhere, reportStudyStage, {
      ...input,
      parts: [...input.parts].reverse().map((list) => [...list].reverse()),
    });
    expect(other).toEqual(one);
  });

  it('takes no smaller study for the whole', async () => {
    await using test = await testServices();
    const input = await studyOf(test);
    const run = (changes: Partial<StudyOf>): Promise<unknown> =>
      runStage(test, reportStudyStage, { ...input, ...changes });
    await expect(
      run({ parts: input.parts.map((list) => list.filter(({ arm, fold }) => arm !== 'poor' || fold !== 1)) }),
    ).rejects.toThrow(
      'A study must have each of its 12 folds once. Missing: fold 1 of seed 4 of poor. Without one the study would be smaller and pass for the whole.',
    );
    await expect(run({ parts: [...input.parts, [input.parts[0]![0]!]] })).rejects.toThrow(
      'Unexpected or twice: fold 0 of seed 4 of good.',
    );
    const [first] = input.parts[1]!;
    const short = await putPredictions(
      test.services.artifacts,
      (await readPredictions(test.services.artifacts, first!.predictions)).slice(1),
    );
    await expect(
      run({ parts: [input.parts[0]!, [{ ...first!, predictions: short }, ...input.parts[1]!.slice(1)]] }),
    ).rejects.toThrow(
      new RegExp(
        `^Every example must be predicted once under each seed, in its own fold, by ${first!.arm}\\. Got 1 problems: c\\d+#\\d has no prediction in fold ${first!.fold}`,
      ),
    );
    const foreign = await putPredictions(
      test.services.artifacts,
      (await readPredictions(test.services.artifacts, first!.predictions)).map((line) => ({
        ...line,
        label: line.label === 1 ? 0 : 1,
      })),
    );
    await expect(
      run({ parts: [input.parts[0]!, [{ ...first!, predictions: foreign }, ...input.parts[1]!.slice(1)]] }),
    ).rejects.toThrow(/was predicted with the label [01], but is labeled [01] by this protocol and tag set/);
  });

  it('refuses what cannot be: arms without seeds, unknown floors, members that only decide', async () => {
    await using test = await testServices();
    const input = await studyOf(test);
    const run = (changes: Partial<StudyOf>): Promise<unknown> =>
      runStage(test, reportStudyStage, { ...input, ...changes });
    await expect(
      run({ arms: [...input.arms, { name: 'seedless', title: '', family: 'head' }] }),
    ).rejects.toThrow('An arm that is no floor must have at least one seed. Got none for seedless.');
    await expect(
      run({ arms: [...input.arms, { name: 'tfidf', title: '', family: 'floor' }] }),
    ).rejects.toThrow('The arm tfidf must be among the floors of the folds. Got firstTurn instead.');
    await expect(run({ ensembles: [{ name: 'odd', title: '', of: ['text', 'nobody'] }] })).rejects.toThrow(
      'The members of the ensemble odd must be arms of the study that give probabilities. Not in it: nobody. Only decide: text.',
    );
    await expect(
      run({ contrasts: [{ name: 'odd', question: '', better: 'nobody', than: 'good' }] }),
    ).rejects.toMatchObject({ code: 'STUDY_INVALID' });
  });
});
