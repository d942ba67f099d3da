import { expect, it } from 'vitest';
import { exampleReport } from '../example-report.fixture.ts';
import { provenanceTable } from './provenance-table.ts';

it('has one row with the name of the corpus and another with its digest', () => {
  const { rows } = provenanceTable({
    ...exampleReport(),
    corpus: 'talk.jsonl',
    provenance: { base: 'tiny', corpus: 'sha256:1234' },
  });
  const names = rows.map(([name]) => name);
  expect(new Set(names).size).toBe(names.length);
  expect(rows).toContainEqual(['corpus', 'talk.jsonl']);
  expect(rows).toContainEqual(['corpus digest', 'sha256:1234']);
  expect(rows).toContainEqual(['base', 'tiny']);
});
