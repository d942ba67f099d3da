import { z } from 'zod';
import { inputProblems, unwrapped } from './parse-input.ts';
import { references, type Binding, type Plan, type PlanNode } from './plan.ts';
import type { StageContract } from './stage-contract.ts';

/**
 * All problems of a plan, each a sentence; none means that it can run. The compiler has seen most of them already, but
 * a plan may also come from a file or another version of the program.
 */
export function checkPlan(plan: Plan, contracts: ReadonlyMap<string, StageContract>): string[] {
  const problems: string[] = [];
  const earlier = new Map<string, StageContract>();
  const all = new Set(plan.nodes.map(({ id }) => id));
  for (const node of plan.nodes) {
    if (earlier.has(node.id)) problems.push(`${node.id} stands twice in the plan; give one of them a name of its own: run(${node.stage}, …, { as: 'another name' }).`);
    const contract = contracts.get(node.stage);
    if (contract === undefined) {
      problems.push(`${node.id} wants stage ${node.stage}, which is not known here; known are ${[...contracts.keys()].join(', ')}.`);
      continue;
    }
    if (contract.version !== node.version) problems.push(`${node.id} was planned for version ${node.version} of ${node.stage}; this program has version ${contract.version}.`);
    problems.push(...danglingReferences(node.id, node.input, { earlier, all }), ...inputProblemsOf(node, contract, earlier));
    earlier.set(node.id, contract);
  }
  problems.push(...danglingReferences('the result', plan.result, { earlier, all }));
  return problems;
}

function danglingReferences(user: string, binding: Binding, seen: { earlier: ReadonlyMap<string, StageContract>; all: ReadonlySet<string> }): string[] {
  return references(binding).flatMap(({ node, path }) => {
    const giver = seen.earlier.get(node);
    if (giver === undefined && seen.all.has(node)) return [`${user} uses ${node}, which does not come before it: the plan has a circle or the wrong order.`];
    if (giver === undefined) return [`${user} uses ${node}, which is not in the plan.`];
    return schemaAt(giver.output, path) === undefined ? [`${user} uses ${[node, ...path].join('.')}, which stage ${giver.name} does not give.`] : [];
  });
}

/** What stands in the plan is checked against the stage's schema now; what another stage will give, by artifact kind. */
function inputProblemsOf(node: PlanNode, contract: StageContract, earlier: ReadonlyMap<string, StageContract>): string[] {
  if (node.input.kind === 'literal') {
    const result = contract.input.safeParse(node.input.value, { reportInput: true });
    return result.success ? [] : inputProblems(contract.input, result.error).map((problem) => `${node.id}: ${problem}`);
  }
  if (node.input.kind !== 'object') return [];
  const { fields } = node.input;
  const problems = Object.keys(fields).flatMap((key) => (key in contract.input.shape ? [] : [`${node.id} has no input called ${key}; it takes ${Object.keys(contract.input.shape).join(', ')}.`]));
  for (const [key, schema] of Object.entries(contract.input.shape)) {
    const field = fields[key];
    const where = `${node.id}.${key}`;
    if (field === undefined) {
      if (!schema.safeParse(undefined).success) problems.push(`${where} is missing.`);
    } else if (field.kind === 'literal') {
      const result = schema.safeParse(field.value, { reportInput: true });
      if (!result.success) problems.push(...inputProblems(schema, result.error).map((problem) => `${where}: ${problem}`));
    } else if (field.kind === 'ref') {
      const giver = earlier.get(field.node);
      const [wanted, got] = [artifactKind(schema), giver && artifactKind(schemaAt(giver.output, field.path))];
      if (wanted !== undefined && got !== undefined && wanted !== got) problems.push(`${where} wants an artifact of kind ${wanted}, got ${got}.`);
    }
  }
  return problems;
}

function schemaAt(schema: z.core.$ZodType | undefined, path: readonly string[]): z.core.$ZodType | undefined {
  const [key, ...rest] = path;
  if (key === undefined || schema === undefined) return schema;
  const inner = unwrapped(schema);
  return inner instanceof z.ZodObject ? schemaAt(inner.shape[key], rest) : undefined;
}

function artifactKind(schema: z.core.$ZodType | undefined): string | undefined {
  const kind = schemaAt(schema, ['kind']);
  return kind instanceof z.ZodLiteral && schemaAt(schema, ['digest']) !== undefined ? String(kind.value) : undefined;
}
