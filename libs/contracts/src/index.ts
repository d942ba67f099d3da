export { artifact, digestSchema, type ArtifactRef } from './artifact-ref.ts';
