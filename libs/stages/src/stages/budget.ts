import { budgetArms } from '@overture/contracts';
import { AppError } from '@overture/core';
import { resolveTagSet } from '@overture/dialogue';
import { parseNetwork } from '@overture/models';
import { measureSpeed } from '@overture/runtime';
import type { z } from 'zod';
import type { ComputeContext } from '../compute/compute-messages.ts';
import { inChild } from '../compute/in-child.ts';
import { corpusConversations } from '../corpus-artifact.ts';
import { implement } from '../implement.ts';
import {
  addLengths,
  emptyLengths,
  estimateSeconds,
  networkWork,
  type NetworkWork,
} from '../study-estimate.ts';

/** Estimates the time of each arm from text lengths, network sizes and the speed of this machine. */
export async function estimateArms(
  {
    corpus,
    protocol,
    tagSet,
    splits,
    folds,
    innerFolds,
    arms,
    budgetMinutes,
    ...configs
  }: z.output<typeof budgetArms.input>,
  { artifacts, settings, logger }: ComputeContext,
): Promise<z.output<typeof budgetArms.output>> {
  const rule = { protocol, tagSet: resolveTagSet(tagSet) };
  const texts = emptyLengths();
  for await (const conversation of corpusConversations(artifacts, corpus)) {
    if (conversation.split !== undefined && splits.includes(conversation.split))
      addLengths(texts, conversation, rule);
  }
  const workOf = async (config: typeof configs.encoder): Promise<NetworkWork | undefined> =>
    config &&
    networkWork(
      parseNetwork(
        new TextDecoder().decode(await artifacts.readBytes(config)),
        `model-config ${config.digest}`,
      ),
    );
  const networks = {
    encoder: await workOf(configs.encoder),
    languageModel: await workOf(configs.languageModel),
  };
  const basis = { texts, folds, innerFolds, networks, speed: await measureSpeed(settings) };
  const estimates = arms.map((arm) => ({ arm: arm.arm, minutes: estimateSeconds(arm, basis) / 60 }));
  logger.info({ estimates, speed: basis.speed }, 'What the arms will take.');

  const dropped: { arm: (typeof arms)[number]['arm']; reason: string }[] = [];
  let left = budgetMinutes;
  for (const { arm, minutes } of [...estimates].sort((a, b) => a.minutes - b.minutes)) {
    if (minutes <= left) left -= minutes;
    else
      dropped.push({
        arm,
        reason: `it would take about ${rounded(minutes)} minutes, and ${rounded(left)} of the ${budgetMinutes} in the budget were left`,
      });
  }
  const learning = estimates.filter(({ arm }) =>
    arms.some(({ arm: name, passes }) => name === arm && passes.length > 0),
  );
  if (learning.length > 0 && learning.every(({ arm }) => dropped.some((each) => each.arm === arm))) {
    const { arm, minutes } = learning.reduce((least, each) => (each.minutes < least.minutes ? each : least));
    throw new AppError(
      'BUDGET_TOO_SMALL',
      `The budget must hold one arm with a model at least. Got ${budgetMinutes} minutes, and the cheapest, ${arm}, would take about ${rounded(minutes)} minutes: give more (budgetMinutes), or fewer folds and seeds.`,
      { details: { estimates } },
    );
  }
  return {
    estimates,
    dropped,
    runs: Object.fromEntries(arms.map(({ arm }) => [arm, !dropped.some((each) => each.arm === arm)])),
  };
}

/** `estimateArms` in a child process. */
export const budgetArmsStage = implement(
  budgetArms,
  inChild(import.meta.url, estimateArms, { stage: budgetArms.name }),
);

function rounded(minutes: number): string {
  return minutes.toFixed(minutes < 1 ? 2 : minutes < 10 ? 1 : 0);
}
