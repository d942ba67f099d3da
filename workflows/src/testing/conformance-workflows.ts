import { conformancePipelines } from '@overture/dag/testing';
import { durable } from '../durable.ts';

export const branches = durable(conformancePipelines.branches);
export const mapped = durable(conformancePipelines.mapped);
export const conditional = durable(conformancePipelines.conditional);
export const optional = durable(conformancePipelines.optional);
export const skippable = durable(conformancePipelines.skippable);
export const gated = durable(conformancePipelines.gated);
export const whole = durable(conformancePipelines.whole);
