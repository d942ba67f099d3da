import type { ArmReport, StudyReport } from '@overture/metrics';
import { ink, type LineStyle } from '../plots/svg-plot.ts';

/** Told apart in one picture with colour and without. */
const styles: readonly LineStyle[] = (['solid', 'dashed', 'dotted'] as const).flatMap((mark) => [ink.first, ink.second, ink.third].map((color) => ({ color, mark })));
const most = 6;

/** An arm of a picture. */
export type ShownArm = ArmReport & LineStyle;

/** The arms that pictures show: the best, then those that the planned contrasts ask about; others only where there is room. */
export function shownArms({ arms, best, contrasts }: StudyReport, fits: (arm: ArmReport) => boolean = () => true): ShownArm[] {
  const names = new Set([best, ...contrasts.flatMap(({ better, than }) => [better, than]), ...arms.map(({ name }) => name)]);
  const ordered = [...names].flatMap((name) => arms.filter((arm) => arm.name === name && fits(arm)));
  return ordered.slice(0, most).map((arm, i) => ({ ...arm, ...styles[i] as LineStyle }));
}
