export { failingFileSystem } from './failing-file-system.ts';
export { blobStoreConformance, type AdapterUnderTest } from './blob-store-conformance.ts';
