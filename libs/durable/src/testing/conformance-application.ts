import { defineApplication } from '@overture/protocol';

/** The application of the conformance workflows. */
export const conformanceApplication = defineApplication({ name: 'conformance', queues: ['light'] });
