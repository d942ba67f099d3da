import { defineApplication } from '@overture/protocol';

/** Its task queues are reading-light and reading-heavy; its search attributes begin with Reading. */
export const reading = defineApplication({
  name: 'reading',
  queues: ['light', 'heavy'],
  searchAttributes: { Folder: 'Keyword' },
});
