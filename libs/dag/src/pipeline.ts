import { AppError, type JsonValue } from '@overture/core';
import type { z } from 'zod';
import { checkPlan } from './check-plan.ts';
import { parseInput } from './parse-input.ts';
import { mentionedNodes, type Binding, type Plan, type PlanNode } from './plan.ts';
import { referenceTo, targetOf, type Dereferenced, type Reference } from './reference.ts';
import type { StageContract } from './stage-contract.ts';
import { withReuse, type ReuseRule } from './reuse-rule.ts';
import type { Wired } from './wiring.ts';

export interface RunOptions {
  /** The node's id, needed where a pipeline runs one stage twice. Default: the stage's name. */
  readonly as?: string;
  /** Lets a person go on without the stage once it has failed; what takes its outputs must do without them. */
  readonly skippable?: true;
}

/** Adds a stage to the plan and gives references to its outputs. Wrong wiring does not compile, and says why. */
export type Run = <Stage extends StageContract, const Given extends object, const Options extends RunOptions = Record<never, never>>(
  stage: Stage,
  given: Given & Wired<Stage, Given>,
  options?: Options,
) => Reference<z.output<Stage['output']>, AbsentBy<Options>>;

/** `undefined` where the options allow that the stage gives nothing. */
type AbsentBy<Options> = Options extends { readonly skippable: true } ? undefined : never;

/** A plan for an input, with the contracts that whoever runs it needs. */
export interface Prepared<Result> {
  readonly plan: Plan<Result>;
  readonly contracts: ReadonlyMap<string, StageContract>;
}

export interface PipelineOptions<Input> {
  /** Where in the input a person says what may be reused, if the input has a place for it. */
  readonly reuse?: (input: Input) => ReuseRule;
}

/** A way to plan: from a plain input to a plan as data. */
export interface Pipeline<Schema extends z.ZodType, Result> {
  readonly name: string;
  readonly input: Schema;
  /**
   * The plan for an input that is checked here, defaults filled in.
   * @throws AppError `INPUT_INVALID`, `PLAN_INVALID`; each lists all its problems at once.
   */
  plan(input: unknown): Plan<Result>;
  /** The same with the contracts of its stages. */
  prepare(input: unknown): Prepared<Result>;
}

/**
 * A pipeline as a picture of itself: `build` gets the parsed input and wires stages by references. It must be
 * deterministic, for it runs again wherever the plan is needed.
 */
export function pipeline<Schema extends z.ZodType, const Result extends object>(
  name: string,
  input: Schema,
  build: (input: z.output<Schema>, run: Run) => Result,
  options: PipelineOptions<z.output<Schema>> = {},
): Pipeline<Schema, Dereferenced<Result>> {
  const made: Pipeline<Schema, Dereferenced<Result>> = {
    name,
    input,
    plan: (value) => made.prepare(value).plan,
    prepare(value) {
      const nodes: PlanNode[] = [];
      const contracts = new Map<string, StageContract>();
      const run: Run = (stage, given, options) => {
        const { name: stageName, version, summary, queue, timeouts, retry } = stage;
        const binding = bindingOf(given);
        const id = options?.as ?? stageName;
        nodes.push({ id, stage: stageName, version, summary, queue, timeouts, retry, input: binding, needs: mentionedNodes(binding), ...(options?.skippable && { skippable: true }) });
        contracts.set(stageName, stage);
        // The compiler cannot see that output<Stage['output']> is the output of stage.output while Stage is open.
        return referenceTo(id, stage.output) as never;
      };
      const parsed = parseInput(input, value, name);
      const result = build(parsed, run);
      const plan: Plan<Dereferenced<Result>> = { name, nodes, result: bindingOf(result) };
      const problems = checkPlan(plan, contracts);
      if (problems.length > 0) {
        throw new AppError('PLAN_INVALID', `The plan of ${name} has ${problems.length === 1 ? 'a problem' : `${problems.length} problems`}: ${problems.join(' ')}`, { details: { problems } });
      }
      return { plan: options.reuse ? withReuse(plan, options.reuse(parsed)) : plan, contracts };
    },
  };
  return made;
}

/** References become edges, everything else stays as it stands. */
function bindingOf(value: unknown): Binding {
  const target = targetOf(value);
  if (target !== undefined) return { kind: 'ref', node: target.node, path: target.path };
  if (Array.isArray(value)) {
    const items = value.map(bindingOf);
    return items.every(isLiteral) ? { kind: 'literal', value: items.map((item) => item.value) } : { kind: 'list', items };
  }
  if (typeof value === 'object' && value !== null) {
    const fields = Object.entries(value).flatMap(([key, member]) => (member === undefined ? [] : [[key, bindingOf(member)] as const]));
    if (!fields.every(([, field]) => isLiteral(field))) return { kind: 'object', fields: Object.fromEntries(fields) };
    return { kind: 'literal', value: Object.fromEntries(fields.map(([key, field]) => [key, isLiteral(field) ? field.value : null])) };
  }
  return { kind: 'literal', value: value as JsonValue };
}

function isLiteral(binding: Binding): binding is Extract<Binding, { kind: 'literal' }> {
  return binding.kind === 'literal';
}
