import type { EvaluationReport } from '@overture/metrics';
import { countText } from '../number-text.ts';
import type { Table } from '../table.ts';

/** A report that documents the origin of its numbers. */
export type Documented = Pick<
  EvaluationReport,
  'corpus' | 'protocol' | 'tagSet' | 'bootstrap' | 'provenance'
> &
  Partial<Pick<EvaluationReport, 'split'>>;

/** The origin of a report's numbers. */
export function provenanceTable({
  corpus,
  split,
  protocol,
  tagSet,
  bootstrap,
  provenance,
}: Documented): Table {
  const { samples, seed, groups } = bootstrap;
  const named = [
    ['corpus', corpus],
    ...(split === undefined ? [] : [['split', split]]),
    ['protocol', protocol],
    ['tag set', tagSet],
  ];
  return {
    caption: 'Provenance',
    columns: [{ name: 'What' }, { name: 'Value' }],
    rows: [
      ...named,
      [
        'intervals',
        `percentile bootstrap, ${countText(samples)} resamples of ${countText(groups)} conversations, seed ${seed}`,
      ],
      // The corpus is named above; this row is its digest.
      ...Object.entries(provenance).map(([key, value]) => [
        named.some(([name]) => name === key) ? `${key} digest` : key,
        value,
      ]),
    ],
  };
}
