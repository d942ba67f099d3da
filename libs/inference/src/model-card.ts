import { pinnedModels } from '@overture/models';
import type { BundleManifest } from './bundle-manifest.ts';

/** The bundle's README.md: every number in it comes from the manifest. Without dates, so that equal models have equal cards. */
export function modelCard(name: string, manifest: BundleManifest): string {
  const { base, text, pooling, decision, training, int8 } = manifest;
  const repository = pinnedModels.find((known) => known.name === base.name)?.repository;
  return `${[
    frontMatter({ license: base.license?.toLowerCase(), base_model: repository, library_name: 'transformers.js', pipeline_tag: 'text-classification', tags: '[system-initiative, conversational-search]' }),
    `# ${name}`,
    `Predicts, from a conversation that ends with the user, whether the system's next turn should take the initiative (ask, request, follow up) or answer. Fine-tuned with Overture from ${repository === undefined ? `the base model \`${base.name}\`` : `[\`${repository}\`](https://huggingface.co/${repository})`}.`,
    '## What it decides',
    table(['', ''], [
      ['takes the initiative, if a turn has one of', `${text.tagSet.tags.join(', ')} (tag set \`${text.tagSet.name}\`)`],
      ['turns', `protocol \`${text.protocol}\``],
      ['reads', `text template ${text.templateVersion}, at most ${text.maxLength} tokens, ${pooling} pooling`],
      ['says initiative from a probability of', shown(decision.threshold)],
      ['temperature, already in the graph', shown(decision.temperature)],
    ]),
    ...section('## Training', training.settings),
    ...section('## Measured on the validation split', training.measured),
    ...(int8 === undefined ? [] : ['## In int8', int8Text(int8)]),
    '## Use',
    ['```ts', "import { openPredictor } from '@overture/inference';", '', "await using predictor = await openPredictor('path/of/this/folder');", 'const [prediction] = await predictor.predictNext([conversation]);', '```'].join('\n'),
    `Or in transformers.js, with the text as the template writes it (\`turn N\`, N counting the system's turns from 1, then a line per turn):`,
    ['```js', "const classify = await pipeline('text-classification', '/path/of/this/folder');", "await classify('turn 1\\nuser: My printer is offline. What can I do?', { top_k: null });", '```'].join('\n'),
    '## Limits',
    'It learned from dialogues like those of its training corpus and from their annotators; elsewhere its probabilities need not be calibrated. Choose the threshold by what a needless question costs against a missed one.',
  ].join('\n\n')}\n`;
}

function int8Text({ kept, largestDrop, examples, macroF1, sameDecisions, largestDifference }: NonNullable<BundleManifest['int8']>): string {
  const measured = `On the ${examples} examples of the validation split its macro-F1 is ${shown(macroF1.int8)}, that of float32 ${shown(macroF1.float32)}; ${shown(100 * sameDecisions)} % of the decisions are the same, and a probability differs by ${shown(largestDifference)} at most. A drop of up to ${shown(largestDrop)} was allowed`;
  return kept
    ? `\`onnx/model_quantized.onnx\` is the same network with weights of seven bits, a quarter of the size: \`openPredictor(folder, { precision: 'int8' })\`, or \`dtype: 'q8'\` in transformers.js. ${measured}.`
    : `There is no graph in int8: it would decide too differently. ${measured}.`;
}

function section(title: string, values: Readonly<Record<string, string | number | boolean>>): string[] {
  const rows = Object.entries(values).map(([key, value]) => [key, shown(value)]);
  return rows.length === 0 ? [] : [title, table(['', ''], rows)];
}

function frontMatter(values: Readonly<Record<string, string | undefined>>): string {
  const lines = Object.entries(values).flatMap(([key, value]) => (value === undefined ? [] : [`${key}: ${value}`]));
  return ['---', ...lines, '---'].join('\n');
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  return [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}

function shown(value: string | number | boolean): string {
  return typeof value === 'number' && !Number.isInteger(value) ? String(Number(value.toPrecision(4))) : String(value);
}
