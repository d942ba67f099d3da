import { references, type Binding, type Plan } from './plan.ts';

/** A plan as text, one line a node: what it takes from whom, and what stands in the plan. */
export function printPlan(plan: Plan): string {
  const lines = plan.nodes.map((node) => `  ${node.id} = ${node.stage}@${node.version}(${inner(node.input)}) on ${node.queue}`);
  return [`${plan.name}:`, ...lines, `  return ${inner(plan.result)}`].join('\n');
}

/** A plan as a Mermaid flow chart: a box for each node, an arrow for each output used, labelled by its path. */
export function planToMermaid(plan: Plan): string {
  const boxes = plan.nodes.map(({ id, stage }) => `  ${id}["${id === stage ? id : `${id}: ${stage}`}"]`);
  const arrows = plan.nodes.flatMap((node) =>
    node.needs.map((needed) => {
      const labels = references(node.input).flatMap((reference) => (reference.node === needed && reference.path.length > 0 ? [reference.path.join('.')] : []));
      return `  ${needed} -->${labels.length === 0 ? '' : `|${[...new Set(labels)].join(', ')}|`} ${node.id}`;
    }),
  );
  return ['flowchart LR', ...boxes, ...arrows].join('\n');
}

function inner(binding: Binding): string {
  if (binding.kind === 'object') return Object.entries(binding.fields).map(([key, field]) => `${key}: ${text(field)}`).join(', ');
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
  }
}
