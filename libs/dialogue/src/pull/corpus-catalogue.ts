import type { CorpusFormatName } from '../formats/corpus-formats.ts';

/** A corpus that can be downloaded by name. To add one: a row of `corpusCatalogue`. */
export interface CatalogueCorpus {
  readonly title: string;
  readonly format: CorpusFormatName;
  /** The base URL of the files, to which a file name is appended. */
  readonly baseUrl: string;
  /**
   * The training split is last: without it a folder is not a corpus, so an interrupted pull is not mistaken
   * for one.
   */
  readonly files: readonly CatalogueFile[];
}

/** A file of a corpus in the catalog. */
export interface CatalogueFile {
  /** Name at the source and in the folder. */
  readonly name: string;
  /** 64 hexadecimal digits. Absent if the project has never had the file to hash; then `holds` is checked. */
  readonly sha256?: string;
  readonly bytes?: number;
  /** The counts that the file must have under the protocol `cikm23` and the tag set `cikm23-5`. */
  readonly holds: { readonly conversations: number; readonly examples: number; readonly initiative: number };
}

/** The corpora that can be downloaded, by name. */
export const corpusCatalogue = {
  msdialog: {
    title: 'MSDialog-Intent, as prepared by Meng et al. (CIKM 2023)',
    format: 'msdialog-tsv',
    // The commit that added the files; they have not changed since.
    baseUrl:
      'https://raw.githubusercontent.com/ChuanMeng/SIP/4444a6c6c5553b5da01291bd09a28638fcf683e4/dataset/MSDialog/',
    files: [
      // The test split was kept away from development: only its published counts are known, not its hash.
      { name: 'test.tsv', holds: { conversations: 219, examples: 354, initiative: 143 } },
      {
        name: 'valid.tsv',
        sha256: '588dfb361d06c4058b1a9ff0d5bdfcf7226ce2f98e31c4a091d081cd445fc0d6',
        bytes: 358_603,
        holds: { conversations: 220, examples: 352, initiative: 131 },
      },
      {
        name: 'train.tsv',
        sha256: '4798ca33eb4a03d9ce637eb41525411513d3cfce5dc55f57352dd8f10fe215b9',
        bytes: 3_038_736,
        holds: { conversations: 1_760, examples: 2_938, initiative: 1_085 },
      },
    ],
  },
} as const satisfies Record<string, CatalogueCorpus>;

/** The name of a corpus in the catalog. */
export type CatalogueName = keyof typeof corpusCatalogue;
