export type { ArtifactPlace } from './artifact-place.ts';
export { artifactStore, type ArtifactStore } from './artifact-store.ts';
export type { BlobSpace, BlobStore } from './blob-store.ts';
export type { FileHandleLike, FileSystem } from './file-system.ts';
export { openFilesystemBlobs, openFilesystemStore, type FilesystemStoreOptions } from './filesystem-store.ts';
export { isAlive } from './is-alive.ts';
export { putJson, readJson } from './json-artifact.ts';
export { memoryBlobs, memoryStore } from './memory-store.ts';
export { artifactPlace, checkArtifacts, openArtifacts } from './open-artifacts.ts';
