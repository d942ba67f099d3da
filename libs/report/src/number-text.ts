import type { Difference, Interval } from '@overture/metrics';

/** The text for an undefined number. */
export const undefinedText = '–';

/** Three decimals, with a true minus sign. */
export function scoreText(value: number | null): string {
  if (value === null) return undefinedText;
  const text = value.toFixed(3);
  return text === '-0.000' ? '0.000' : text.replace('-', '−');
}

/** An interval, such as `0.561 to 0.668`. */
export function intervalText(interval: Interval | null | undefined): string {
  return interval ? `${scoreText(interval[0])} to ${scoreText(interval[1])}` : undefinedText;
}

/** A signed difference, such as `+0.023` or `−0.010`. */
export function marginText({ value }: Difference): string {
  return value === null ? undefinedText : `${value > 0 ? '+' : ''}${scoreText(value)}`;
}

/** A count with thousands separators. Weighted counts may be fractional. */
export function countText(count: number): string {
  return (Number.isInteger(count) ? String(count) : count.toFixed(1)).replace(/\B(?=(\d{3})+(?!\d))/g, ',');
}

/** A share, such as `36.9 %`. */
export function shareText(part: number, whole: number): string {
  if (whole === 0) return undefinedText;
  const percent = (100 * part) / whole;
  return percent > 0 && percent < 0.05 ? 'under 0.1 %' : `${percent.toFixed(1)} %`;
}

/** A p-value with three decimals; smaller ones are shown as a bound. */
export function pText(p: number | null): string {
  if (p === null) return undefinedText;
  return p < 0.001 ? '< 0.001' : p.toFixed(3);
}
