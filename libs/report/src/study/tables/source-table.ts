import type { StudyReport } from '@overture/metrics';
import type { Table } from '../../table.ts';

/** The origin of each fold of each training. */
export function sourceTable({ parts }: StudyReport): Table | null {
  const names = [...new Set(parts.flatMap(({ sources }) => Object.keys(sources)))];
  if (parts.length === 0) return null;
  return {
    caption: 'Every training by digest',
    columns: [{ name: 'arm, seed, fold' }, ...names.map((name) => ({ name }))],
    rows: parts.map(({ arm, seed, fold, sources }) => [
      `${arm}, ${seed}, ${fold}`,
      ...names.map((name) => sources[name] ?? ''),
    ]),
  };
}
