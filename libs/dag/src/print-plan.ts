import {
  itemOf,
  references,
  type Binding,
  type Condition,
  type PipelineCall,
  type Plan,
  type PlanNode,
  type StageCall,
} from './plan.ts';

/**
 * Formats a plan as text with one line per node: its stage, its inputs with their sources, and its options.
 */
export function printPlan(plan: Plan): string {
  const lines = plan.nodes.map((node) => `  ${node.id} = ${body(node)}${suffix(node)}`);
  return [`${plan.name}:`, ...lines, `  return ${inner(plan.result)}`].join('\n');
}

/**
 * Formats a plan as a Mermaid flow chart: a box for each node, and an arrow for each dependency, labeled with
 * the paths of the outputs used.
 */
export function planToMermaid(plan: Plan): string {
  const arrows = plan.nodes.flatMap((node) => {
    const call =
      node.kind === 'map' ? [node.over, node.each.input] : node.kind === 'gate' ? [node.show] : [node.input];
    return node.needs.map((needed) => {
      const labels = call
        .flatMap(references)
        .flatMap((reference) =>
          reference.node === needed && reference.path.length > 0 ? [reference.path.join('.')] : [],
        );
      return `  ${needed} -->${labels.length === 0 ? '' : `|${[...new Set(labels)].join(', ')}|`} ${node.id}`;
    });
  });
  return ['flowchart LR', ...plan.nodes.map(box), ...arrows].join('\n');
}

function box(node: PlanNode): string {
  const { id } = node;
  switch (node.kind) {
    case 'stage':
      return `  ${id}["${id === node.stage ? id : `${id}: ${node.stage}`}"]`;
    case 'pipeline':
      return `  ${id}[["${id === node.pipeline ? id : `${id}: ${node.pipeline}`}"]]`;
    case 'map':
      return `  ${id}@{ shape: procs, label: "${id}: ${called(node.each)} for each" }`;
    case 'gate':
      return `  ${id}{"${id}${node.ask ? '?' : ''}"}`;
  }
}

function body(node: PlanNode): string {
  switch (node.kind) {
    case 'stage':
    case 'pipeline':
      return callText(node);
    case 'map':
      return `for each item of ${text(node.over)}${node.atMost === undefined ? '' : `, at most ${node.atMost} at a time`}: ${callText(node.each).replaceAll(`${itemOf(node.id)}.`, '')}`;
    case 'gate':
      return `gate(${inner(node.show)})${node.rule === undefined ? '' : ` if ${conditionText(node.rule)}`}${node.ask ? `, ask: ${JSON.stringify(node.summary)}` : ''}`;
  }
}

function callText(call: StageCall | PipelineCall): string {
  return `${called(call)}(${inner(call.input)})${call.kind === 'stage' ? ` on ${call.queue}` : ''}`;
}

function called(call: StageCall | PipelineCall): string {
  return call.kind === 'stage' ? `${call.stage}@${call.version}` : `pipeline ${call.pipeline}`;
}

function suffix({ when, skippable, optional }: PlanNode): string {
  return `${when === undefined ? '' : ` when ${conditionText(when)}`}${skippable ? ', skippable' : ''}${optional ? ', optional' : ''}`;
}

/** Formats a condition for display. */
export function conditionText(condition: Condition): string {
  switch (condition.kind) {
    case 'equals':
      return condition.to.kind === 'literal' && condition.to.value === true
        ? text(condition.value)
        : `${text(condition.value)} is ${text(condition.to)}`;
    case 'atLeast':
      return `${text(condition.value)} ≥ ${text(condition.least)}`;
    case 'not':
      return `not (${conditionText(condition.of)})`;
    case 'all':
      return condition.of.map(conditionText).join(' and ');
    case 'any':
      return `(${condition.of.map(conditionText).join(' or ')})`;
  }
}

function inner(binding: Binding): string {
  if (binding.kind === 'object')
    return Object.entries(binding.fields)
      .map(([key, field]) => `${key}: ${text(field)}`)
      .join(', ');
  const whole = text(binding);
  return binding.kind === 'literal' ? whole.replace(/^\{(.*)\}$/s, '$1') : whole;
}

function text(binding: Binding): string {
  switch (binding.kind) {
    case 'literal':
      return JSON.stringify(binding.value);
    case 'ref':
      return [binding.node, ...binding.path].join('.');
    case 'list':
      return `[${binding.items.map(text).join(', ')}]`;
    case 'object':
      return `{${inner(binding)}}`;
    case 'first':
      return binding.of.map(text).join(' else ');
  }
}
