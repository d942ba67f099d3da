import { z } from 'zod';
import { gateDecision } from './gate-decision.ts';
import { inputProblems, unwrapped } from './parse-input.ts';
import {
  bindingsOf,
  itemOf,
  references,
  type Binding,
  type Plan,
  type PlanNode,
  type StageCall,
} from './plan.ts';
import type { StageContract } from './stage-contract.ts';

/** What is known about a node's output before anything runs. */
interface Giver {
  readonly name: string;
  readonly output: z.core.$ZodType;
  /** Whether the output may be missing: because of a condition, a user's decision or a failure. */
  readonly absent: boolean;
}

/**
 * Returns all problems of a plan, one sentence each; an empty list means that it can run. The compiler
 * already rejects most of them, but a plan may also come from a file or another version of the program.
 */
export function checkPlan(plan: Plan, contracts: ReadonlyMap<string, StageContract>): string[] {
  const problems: string[] = [];
  const earlier = new Map<string, Giver>();
  const all = new Set(plan.nodes.map(({ id }) => id));
  for (const node of plan.nodes) {
    if (earlier.has(node.id))
      problems.push(
        `${node.id} stands twice in the plan; give one of them a name of its own: run(${nameOf(node)}, …, { as: 'another name' }).`,
      );
    if (node.kind === 'map') earlier.set(itemOf(node.id), itemGiver(node.id, node.over, earlier));
    problems.push(
      ...bindingsOf(node).flatMap((binding) => danglingReferences(node.id, binding, { earlier, all })),
    );
    const call = node.kind === 'map' ? node.each : node;
    if (call.kind === 'stage') problems.push(...callProblems(node.id, call, { contracts, earlier }));
    earlier.set(node.id, giverOf(node, contracts));
  }
  problems.push(...danglingReferences('the result', plan.result, { earlier, all }));
  return problems;
}

function nameOf(node: PlanNode): string {
  const call = node.kind === 'map' ? node.each : node;
  return call.kind === 'stage' ? call.stage : call.kind === 'pipeline' ? call.pipeline : node.id;
}

function giverOf(node: PlanNode, contracts: ReadonlyMap<string, StageContract>): Giver {
  const call = node.kind === 'map' ? node.each : node;
  const output =
    call.kind === 'stage'
      ? (contracts.get(call.stage)?.output ?? z.unknown())
      : call.kind === 'gate'
        ? gateDecision
        : z.unknown();
  const absent = node.when !== undefined || node.skippable === true || node.optional === true;
  return {
    name: call.kind === 'stage' ? `stage ${call.stage}` : node.id,
    output: node.kind === 'map' ? z.array(output) : output,
    absent,
  };
}

function itemGiver(map: string, over: Binding, earlier: ReadonlyMap<string, Giver>): Giver {
  const list = over.kind === 'ref' ? schemaAt(earlier.get(over.node)?.output, over.path) : undefined;
  return {
    name: `an item of ${map}`,
    output: z.object({ item: (schemaAt(list, ['*']) ?? z.unknown()) as z.ZodType, index: z.int() }),
    absent: false,
  };
}

function danglingReferences(
  user: string,
  binding: Binding,
  seen: { earlier: ReadonlyMap<string, Giver>; all: ReadonlySet<string> },
): string[] {
  return references(binding).flatMap(({ node, path }) => {
    const giver = seen.earlier.get(node);
    if (giver === undefined && seen.all.has(node))
      return [
        `${user} uses ${node}, which does not come before it: the plan has a circle or the wrong order.`,
      ];
    if (giver === undefined) return [`${user} uses ${node}, which is not in the plan.`];
    return schemaAt(giver.output, path) === undefined
      ? [`${user} uses ${[node, ...path].join('.')}, which ${giver.name} does not give.`]
      : [];
  });
}

/** Checks literals against the stage's schema, and outputs of other stages by artifact kind. */
function callProblems(
  id: string,
  { stage, version, input }: StageCall,
  {
    contracts,
    earlier,
  }: { contracts: ReadonlyMap<string, StageContract>; earlier: ReadonlyMap<string, Giver> },
): string[] {
  const contract = contracts.get(stage);
  if (contract === undefined)
    return [
      `${id} wants stage ${stage}, which is not known here; known are ${[...contracts.keys()].join(', ')}.`,
    ];
  const problems: string[] = [];
  if (contract.version !== version)
    problems.push(
      `${id} was planned for version ${version} of ${stage}; this program has version ${contract.version}.`,
    );
  if (input.kind === 'literal') {
    const result = contract.input.safeParse(input.value, { reportInput: true });
    if (!result.success)
      problems.push(...inputProblems(contract.input, result.error).map((problem) => `${id}: ${problem}`));
  }
  if (input.kind !== 'object') return problems;
  const { fields } = input;
  problems.push(
    ...Object.keys(fields).flatMap((key) =>
      key in contract.input.shape
        ? []
        : [`${id} has no input called ${key}; it takes ${Object.keys(contract.input.shape).join(', ')}.`],
    ),
  );
  for (const [key, schema] of Object.entries(contract.input.shape)) {
    const field = fields[key];
    const where = `${id}.${key}`;
    const needed = !schema.safeParse(undefined).success;
    if (field === undefined) {
      if (needed) problems.push(`${where} is missing.`);
    } else if (field.kind === 'literal') {
      const result = schema.safeParse(field.value, { reportInput: true });
      if (!result.success)
        problems.push(...inputProblems(schema, result.error).map((problem) => `${where}: ${problem}`));
    } else {
      const absent = absentGiver(field, earlier);
      if (needed && absent !== undefined) problems.push(`${where} is needed, but ${absent} may be left out.`);
      const giver = field.kind === 'ref' ? earlier.get(field.node) : undefined;
      const [wanted, got] = [
        artifactKind(schema),
        field.kind === 'ref' && giver && artifactKind(schemaAt(giver.output, field.path)),
      ];
      if (wanted !== undefined && got && wanted !== got)
        problems.push(`${where} wants an artifact of kind ${wanted}, got ${got}.`);
    }
  }
  return problems;
}

/** The node whose missing output would leave a binding without a value. */
function absentGiver(binding: Binding, earlier: ReadonlyMap<string, Giver>): string | undefined {
  if (binding.kind === 'ref') return earlier.get(binding.node)?.absent ? binding.node : undefined;
  if (binding.kind !== 'first') return undefined;
  const absent = binding.of.map((one) => absentGiver(one, earlier));
  return absent.includes(undefined) ? undefined : absent.at(-1);
}

function schemaAt(schema: z.core.$ZodType | undefined, path: readonly string[]): z.core.$ZodType | undefined {
  const [key, ...rest] = path;
  if (key === undefined || schema === undefined) return schema;
  const inner = unwrapped(schema);
  if (inner instanceof z.ZodUnknown) return inner;
  if (key === '*') return inner instanceof z.ZodArray ? schemaAt(inner.element, rest) : undefined;
  if (inner instanceof z.ZodRecord)
    return z.safeParse(inner.keyType, key).success ? schemaAt(inner.valueType, rest) : undefined;
  return inner instanceof z.ZodObject ? schemaAt(inner.shape[key], rest) : undefined;
}

function artifactKind(schema: z.core.$ZodType | undefined): string | undefined {
  const kind = schemaAt(schema, ['kind']);
  return kind instanceof z.ZodLiteral && schemaAt(schema, ['digest']) !== undefined
    ? String(kind.value)
    : undefined;
}
