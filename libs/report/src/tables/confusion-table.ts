import type { Confusion } from '@overture/metrics';
import { countText } from '../number-text.ts';
import { columnsOf, type Table } from '../table.ts';

/** Truth in rows, decisions in columns. */
export function confusionTable({ tp, fp, fn, tn }: Confusion, at: string): Table {
  return {
    caption: `Confusion at ${at}`,
    columns: columnsOf('', 'predicted initiative', 'predicted no initiative'),
    rows: [
      ['initiative', countText(tp), countText(fn)],
      ['no initiative', countText(fp), countText(tn)],
    ],
  };
}
