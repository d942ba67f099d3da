import { conformancePipelines } from '@overture/dag/testing';
import { durable } from '../durable.ts';
import { conformanceApplication as application } from './conformance-application.ts';

/** The conformance pipeline `branches` as a workflow. */
export const branches = durable(conformancePipelines.branches, { application });
/** The conformance pipeline `mapped` as a workflow. */
export const mapped = durable(conformancePipelines.mapped, { application });
/** The conformance pipeline `conditional` as a workflow. */
export const conditional = durable(conformancePipelines.conditional, { application });
/** The conformance pipeline `optional` as a workflow. */
export const optional = durable(conformancePipelines.optional, { application });
/** The conformance pipeline `skippable` as a workflow. */
export const skippable = durable(conformancePipelines.skippable, { application });
/** The conformance pipeline `gated` as a workflow. */
export const gated = durable(conformancePipelines.gated, { application });
/** The conformance pipeline `whole` as a workflow. */
export const whole = durable(conformancePipelines.whole, { application });
