import type { StudyReport } from '@overture/metrics';
import type { Figure } from '../../plots/figure.ts';
import { axis, ink, line } from '../../plots/svg-plot.ts';
import { shownArms } from '../shown-arms.ts';
import { priceTable, priceText } from '../tables/price-tables.ts';

/**
 * The cost curves of the displayed arms, for every ratio between the prices of a needless and a missed
 * question.
 */
export function priceFigure(study: StudyReport): Figure {
  const { needless, alwaysAsk, neverAsk, arms } = study.costCurve;
  const shown = shownArms(study);
  const cheapest = alwaysAsk.map((cost, i) => Math.min(cost, neverAsk[i] ?? cost));
  const points = (costs: readonly number[]): (readonly [number, number])[] =>
    costs.map((cost, i) => [needless[i] ?? 0, cost] as const);
  const costOf = (name: string): readonly number[] => arms.find(({ arm }) => arm === name)?.cost ?? [];
  const top = Math.max(...cheapest, ...shown.flatMap(({ name }) => costOf(name).slice(3, -3)));
  return {
    title: 'What 100 decisions cost',
    plot: {
      id: 'prices',
      description: `Cost of 100 decisions over the price of a needless question, of ${shown.map(({ title }) => title).join(', ')}, and of always or never asking`,
      width: 900,
      height: 380,
      legend: [
        ...shown.map(({ title, color, mark }) => ({ name: title, color, mark })),
        { name: 'always or never asking, whichever is cheaper', color: ink.soft, mark: 'solid' },
      ],
      option: {
        grid: { left: 56, right: 20, top: 14, bottom: 52 },
        xAxis: axis('price of a needless question : price of a missed one', {
          interval: 0.1,
          axisLabel: {
            color: ink.soft,
            fontSize: 12,
            formatter: (price: number) => (price > 0 && price < 1 ? priceText(price) : ''),
          },
        }),
        yAxis: axis('cost', { nameGap: 36, max: Math.ceil(top / 10) * 10 }),
        series: [
          line('trivial', points(cheapest), { color: ink.soft, width: 1.5 }),
          ...shown.map(({ name, title, color, mark }) => ({
            ...line(title, points(costOf(name)), { color, type: mark }),
            clip: true,
          })),
        ],
      },
    },
    table: priceTable(study),
  };
}
