import { durable } from '@overture/durable';
import { reading } from './application.ts';
import { readingListPipeline } from './pipeline.ts';

/** The pipeline as a Temporal workflow of the same name. */
export const readingList = durable(readingListPipeline, {
  application: reading,
  searchable: { start: ({ folder }) => ({ Folder: folder }) },
});
