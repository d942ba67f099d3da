import { expect, it } from 'vitest';
import { locateCorpus } from './locate-corpus.ts';
import { writtenCorpus } from './testing/written-corpus.ts';

it('takes the first folder that holds MSDialog in either shape, and the sample when none does', async () => {
  await using disk = await writtenCorpus({
    'half/train.tsv': '',
    'whole/train.tsv': '',
    'whole/valid.tsv': '',
    'official/MSDialog-Intent.json': '',
  });
  const sample = disk.path('sample.jsonl');
  const located = (...folders: string[]) =>
    locateCorpus({ msdialog: folders.map((folder) => disk.path(folder)), sample });
  expect(await located('missing', 'half', 'whole', 'official')).toEqual({
    name: 'msdialog',
    uri: disk.path('whole'),
  });
  expect(await located('official', 'whole')).toEqual({
    name: 'msdialog',
    uri: disk.path('official/MSDialog-Intent.json'),
  });
  expect(await located('missing', 'half')).toEqual({ name: 'sample', uri: sample });
});
