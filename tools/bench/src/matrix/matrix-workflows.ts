import { durable } from '@overture/durable';
import { matrixApplication as application, matrixPipeline, partPipeline } from './matrix-pipeline.ts';

/** The pipeline of the matrix as a workflow. */
export const matrix = durable(matrixPipeline, { application });
/** Its nested pipeline, started by it as a child workflow. */
export const matrixPart = durable(partPipeline, { application });
