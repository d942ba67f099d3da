import { access } from 'node:fs/promises';
import { join } from 'node:path';

export interface LocatedCorpus {
  readonly name: 'msdialog' | 'sample';
  /** For `openCorpus`. */
  readonly uri: string;
}

export interface CorpusPlaces {
  /** Folders that may hold MSDialog, the preferred ones first. */
  readonly msdialog: readonly string[];
  /** The corpus that ships with the project. */
  readonly sample: string;
}

/** What makes a folder MSDialog: each row is a set of files that must all be there, and what to open then. */
const shapes: readonly { readonly files: readonly string[]; readonly open: string }[] = [
  { files: ['train.tsv', 'valid.tsv'], open: '.' },
  { files: ['MSDialog-Intent.json'], open: 'MSDialog-Intent.json' },
];

/** MSDialog when one of the folders holds it, in either of its shapes, else the sample. */
export async function locateCorpus({ msdialog, sample }: CorpusPlaces): Promise<LocatedCorpus> {
  for (const folder of msdialog) {
    for (const { files, open } of shapes) {
      const there = await Promise.all(files.map((file) => exists(join(folder, file))));
      if (there.every(Boolean)) return { name: 'msdialog', uri: join(folder, open) };
    }
  }
  return { name: 'sample', uri: sample };
}

function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
