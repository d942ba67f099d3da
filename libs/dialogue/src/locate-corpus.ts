import { access } from 'node:fs/promises';
import { join } from 'node:path';

/** A corpus found on this machine. */
export interface LocatedCorpus {
  readonly name: 'msdialog' | 'sample';
  /** A path for `openCorpus`. */
  readonly uri: string;
}

/** Where to look for a corpus. */
export interface CorpusPlaces {
  /** Folders that may contain MSDialog, preferred ones first. */
  readonly msdialog: readonly string[];
  /** The corpus that ships with the project. */
  readonly sample: string;
}

/** How a folder is recognized as MSDialog. Each row lists the files that must exist and the path to open. */
const shapes: readonly { readonly files: readonly string[]; readonly open: string }[] = [
  { files: ['train.tsv', 'valid.tsv'], open: '.' },
  { files: ['MSDialog-Intent.json'], open: 'MSDialog-Intent.json' },
];

/** MSDialog if one of the folders contains it, in either of its shapes, or else the sample. */
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
