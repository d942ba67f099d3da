/** Where artifacts are stored: a folder, or a bucket with a local cache. */
export type ArtifactPlace =
  | { readonly kind: 'folder'; readonly root: string }
  | {
      readonly kind: 's3';
      readonly url: string;
      readonly endpoint?: string;
      readonly region?: string;
      readonly cache: { readonly root: string; readonly maxBytes: number };
    };
