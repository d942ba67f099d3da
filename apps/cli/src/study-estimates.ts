import { InitiativeStudyInput, studySettings } from '@overture/contracts';
import { availableParallelism } from 'node:os';
import { estimateStudy, stageSettings, type StudyEstimate } from '@overture/stages';
import { workOf } from '@overture/workflows';
import type { CliContext } from './context.ts';
import { duration } from './output/format.ts';
import { table } from './output/table.ts';

/** Estimates the cost of each arm of a study on this machine, without reuse of earlier results. */
export async function studyEstimate(context: CliContext, input: unknown): Promise<StudyEstimate> {
  const study = studySettings(InitiativeStudyInput.parse(input));
  const settings = await stageSettings(context.env, context);
  return estimateStudy(
    study.arms.map((arm) => workOf(arm, study)).filter(({ parts }) => parts > 0),
    study,
    { ...settings, threads: availableParallelism() },
  );
}

/** An estimate as a table of times per arm, with a note for each missing base model. */
export function estimateText({ arms, missing }: StudyEstimate): string {
  const total = arms.reduce((sum, { minutes }) => sum + minutes, 0);
  return [
    'On this machine’s processor, if nothing is reused, this takes about:',
    '',
    table(
      ['arm', 'time'],
      [...arms, { arm: 'all of them', minutes: total }].map(({ arm, minutes }) => [
        arm,
        duration(minutes * 60_000),
      ]),
      1,
    ),
    ...missing.map((name) => `${name} is not at hand: its arms are counted as if it were tiny.`),
  ].join('\n');
}
