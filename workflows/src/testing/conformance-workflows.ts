import { conformancePipelines } from '@overture/dag/testing';
import { durable } from '../durable.ts';

/** The conformance pipeline `branches` as a workflow. */
export const branches = durable(conformancePipelines.branches);
/** The conformance pipeline `mapped` as a workflow. */
export const mapped = durable(conformancePipelines.mapped);
/** The conformance pipeline `conditional` as a workflow. */
export const conditional = durable(conformancePipelines.conditional);
/** The conformance pipeline `optional` as a workflow. */
export const optional = durable(conformancePipelines.optional);
/** The conformance pipeline `skippable` as a workflow. */
export const skippable = durable(conformancePipelines.skippable);
/** The conformance pipeline `gated` as a workflow. */
export const gated = durable(conformancePipelines.gated);
/** The conformance pipeline `whole` as a workflow. */
export const whole = durable(conformancePipelines.whole);
