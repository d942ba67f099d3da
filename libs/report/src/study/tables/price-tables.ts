import type { StudyReport } from '@overture/metrics';
import { countText, undefinedText } from '../../number-text.ts';
import { columnsOf, type Table } from '../../table.ts';
import { armTitle } from './arm-tables.ts';

const shownPrices = [0.1, 0.25, 0.5, 0.75, 0.9] as const;

/** A ratio of prices, such as `1 : 9`: a needless question to a missed one. */
export function priceText(needless: number): string {
  const missed = 1 - needless;
  const ratio = needless <= missed ? [1, missed / needless] : [needless / missed, 1];
  return ratio.map((side) => String(Math.round(side * 10) / 10)).join(' : ');
}

/** The cost of 100 decisions, by the prices of errors. */
export function priceTable(study: StudyReport): Table {
  const { needless, alwaysAsk, neverAsk, arms } = study.costCurve;
  const at = shownPrices.map((price) => needless.findIndex((each) => Math.abs(each - price) < 1e-9));
  const cells = (costs: readonly number[]): string[] => at.map((i) => costs[i]?.toFixed(1) ?? undefinedText);
  return {
    caption:
      'Cost of 100 decisions by the price of a needless question : that of a missed one (1 : 1 counts errors)',
    columns: columnsOf('Arm', ...shownPrices.map(priceText)),
    rows: [
      ['always ask', ...cells(alwaysAsk)],
      ['never ask', ...cells(neverAsk)],
      ...study.arms.map((arm) => [
        armTitle(arm, study),
        ...cells(arms.find(({ arm: name }) => name === arm.name)?.cost ?? []),
      ]),
    ],
  };
}

/** The cost of running the arms; null if it was not measured. */
export function effortTable(study: StudyReport): Table | null {
  if (study.costs.length === 0) return null;
  return {
    caption: 'What each arm took, all folds and seeds together',
    columns: columnsOf('Arm', 'time', 'processor time', 'peak memory', 'tokens'),
    rows: study.costs.map(({ arm, seconds, cpuSeconds, peakBytes, tokens }) => [
      study.arms.find(({ name }) => name === arm)?.title ?? arm,
      seconds === undefined ? undefinedText : timeText(seconds),
      cpuSeconds === undefined ? undefinedText : timeText(cpuSeconds),
      peakBytes === undefined ? undefinedText : `${(peakBytes / 2 ** 30).toFixed(2)} GiB`,
      tokens === undefined ? undefinedText : countText(Math.round(tokens)),
    ]),
  };
}

function timeText(seconds: number): string {
  if (seconds < 100) return `${seconds.toFixed(1)} s`;
  return seconds < 6000 ? `${(seconds / 60).toFixed(1)} min` : `${(seconds / 3600).toFixed(1)} h`;
}
