import { alwaysNo } from './arms/always-no.ts';
import { encoderBalanced } from './arms/encoder-balanced.ts';
import { encoderFocal } from './arms/encoder-focal.ts';
import { encoderUnweighted } from './arms/encoder-unweighted.ts';
import { ensemble } from './arms/ensemble.ts';
import { firstTurnRule } from './arms/first-turn-rule.ts';
import { frozenEncoder } from './arms/frozen-encoder.ts';
import { languageModelBalanced } from './arms/language-model-balanced.ts';
import { languageModelFewShot } from './arms/language-model-few-shot.ts';
import { languageModelFewShotText } from './arms/language-model-few-shot-text.ts';
import { languageModelFocal } from './arms/language-model-focal.ts';
import { languageModelText } from './arms/language-model-text.ts';
import { languageModelUnweighted } from './arms/language-model-unweighted.ts';
import { languageModelZeroShot } from './arms/language-model-zero-shot.ts';
import { random } from './arms/random.ts';
import { tfidfBalanced } from './arms/tfidf-balanced.ts';
import { tfidfUnweighted } from './arms/tfidf-unweighted.ts';
import { turnHistory } from './arms/turn-history.ts';
import type { StudyArm } from './study-arm.ts';

/** All arms of the study, in the order of its table. To add one, add a file in `arms/` and an entry here. */
export const armTable = [
  alwaysNo,
  firstTurnRule,
  random,
  tfidfUnweighted,
  tfidfBalanced,
  frozenEncoder,
  turnHistory,
  encoderUnweighted,
  encoderBalanced,
  encoderFocal,
  languageModelZeroShot,
  languageModelFewShot,
  languageModelFewShotText,
  languageModelText,
  languageModelUnweighted,
  languageModelBalanced,
  languageModelFocal,
  ensemble,
] as const satisfies readonly StudyArm[];

/** The name of an arm. */
export type ArmName = (typeof armTable)[number]['name'];

/** The names of all arms, in the order of the table. */
export const armNames = armTable.map(({ name }) => name) as [ArmName, ...ArmName[]];
