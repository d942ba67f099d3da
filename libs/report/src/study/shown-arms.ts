import type { ArmReport, StudyReport } from '@overture/metrics';
import { ink, type LineStyle } from '../plots/svg-plot.ts';

/** Line styles that remain distinct in one plot, with and without color. */
const styles: readonly LineStyle[] = (['solid', 'dashed', 'dotted'] as const).flatMap((mark) =>
  [ink.first, ink.second, ink.third].map((color) => ({ color, mark })),
);
const most = 6;

/** An arm in a plot. */
export type ShownArm = ArmReport & LineStyle;

/**
 * The arms displayed in plots: the best one, then those of the planned contrasts, and others if there is
 * room.
 */
export function shownArms(
  { arms, best, contrasts }: StudyReport,
  fits: (arm: ArmReport) => boolean = () => true,
): ShownArm[] {
  const names = new Set([
    best,
    ...contrasts.flatMap(({ better, than }) => [better, than]),
    ...arms.map(({ name }) => name),
  ]);
  const ordered = [...names].flatMap((name) => arms.filter((arm) => arm.name === name && fits(arm)));
  return ordered.slice(0, most).map((arm, i) => ({ ...arm, ...(styles[i] as LineStyle) }));
}
