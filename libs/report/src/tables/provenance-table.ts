import type { EvaluationReport } from '@overture/metrics';
import { countText } from '../number-text.ts';
import type { Table } from '../table.ts';

/** Whatever says where its numbers come from. */
export type Documented = Pick<EvaluationReport, 'corpus' | 'protocol' | 'tagSet' | 'bootstrap' | 'provenance'> & Partial<Pick<EvaluationReport, 'split'>>;

/** Where the numbers come from. */
export function provenanceTable({ corpus, split, protocol, tagSet, bootstrap, provenance }: Documented): Table {
  const { samples, seed, groups } = bootstrap;
  return {
    caption: 'Provenance',
    columns: [{ name: 'What' }, { name: 'Value' }],
    rows: [
      ['corpus', corpus], ...(split === undefined ? [] : [['split', split]]), ['protocol', protocol], ['tag set', tagSet],
      ['intervals', `percentile bootstrap, ${countText(samples)} resamples of ${countText(groups)} conversations, seed ${seed}`],
      ...Object.entries(provenance),
    ],
  };
}
