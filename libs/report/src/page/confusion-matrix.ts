import type { Confusion } from '@overture/metrics';
import { countText, shareText } from '../number-text.ts';
import { escapeHtml } from '../table.ts';

/** Truth in rows, decisions in columns. Cells show their share of the row as a number and by shading. */
export function confusionMatrix({ tp, fp, fn, tn }: Confusion, caption: string): string {
  const cell = (count: number, rowTotal: number): string => {
    const share = rowTotal === 0 ? 0 : Math.round((40 * count) / rowTotal);
    return `<td style="background:color-mix(in srgb, var(--first) ${share}%, var(--panel))">${countText(count)}<small>${shareText(count, rowTotal)}</small></td>`;
  };
  return `<table class="matrix"><caption>${escapeHtml(caption)}</caption>
<thead><tr><td></td><th scope="col">predicted initiative</th><th scope="col">predicted no initiative</th></tr></thead>
<tbody><tr><th scope="row">initiative</th>${cell(tp, tp + fn)}${cell(fn, tp + fn)}</tr>
<tr><th scope="row">no initiative</th>${cell(fp, fp + tn)}${cell(tn, fp + tn)}</tr></tbody></table>`;
}
