import type { EvaluationReport } from '@overture/metrics';
import { countText } from '../number-text.ts';
import type { Table } from '../table.ts';

/** Where the numbers come from. */
export function provenanceTable(report: EvaluationReport): Table {
  const { samples, seed, groups } = report.bootstrap;
  return {
    caption: 'Provenance',
    columns: [{ name: 'What' }, { name: 'Value' }],
    rows: [
      ['corpus', report.corpus], ['split', report.split], ['protocol', report.protocol], ['tag set', report.tagSet],
      ['intervals', `percentile bootstrap, ${countText(samples)} resamples of ${countText(groups)} conversations, seed ${seed}`],
      ...Object.entries(report.provenance),
    ],
  };
}
