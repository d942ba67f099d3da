import { pinnedModels } from '@overture/models';
import type { BundleManifest } from './bundle-manifest.ts';
import { cardProgram } from './card-program.ts';
import { genericModelType, opensInTransformersJs } from './transformers-js-support.ts';

/**
 * The bundle's README.md, with all numbers taken from the manifest. It contains no dates, so that equal
 * models have equal cards.
 */
export function modelCard(name: string, manifest: BundleManifest, modelType: string): string {
  const { base, text, pooling, decision, training, int8 } = manifest;
  const repository = pinnedModels.find((known) => known.name === base.name)?.repository;
  return `${[
    frontMatter({
      license: base.license?.toLowerCase(),
      base_model: repository,
      library_name: 'transformers.js',
      pipeline_tag: 'text-classification',
      tags: '[system-initiative, conversational-search]',
    }),
    `# ${name}`,
    `Predicts, from a conversation that ends with the user, whether the system's next turn should take the initiative (ask, request, follow up) or answer. Fine-tuned with Overture from ${repository === undefined ? `the base model \`${base.name}\`` : `[\`${repository}\`](https://huggingface.co/${repository})`}.`,
    '## Decision',
    table(
      ['', ''],
      [
        ['tags of initiative', `${text.tagSet.tags.join(', ')} (tag set \`${text.tagSet.name}\`)`],
        ['turns', `protocol \`${text.protocol}\``],
        [
          'input',
          `text template ${text.templateVersion}, at most ${text.maxLength} tokens, ${pooling} pooling`,
        ],
        ['threshold', shown(decision.threshold)],
        ['temperature, already applied in the graph', shown(decision.temperature)],
      ],
    ),
    ...section('## Training', training.settings),
    ...section('## Measured on the validation split', training.measured),
    ...(int8 === undefined ? [] : ['## In int8', int8Text(int8)]),
    '## Use',
    ...useText(manifest, modelType),
    '## Limits',
    'It was trained on the dialogues and annotations of one corpus. On other data its probabilities may be miscalibrated. Choose the threshold by the cost of a needless question against that of a missed one.',
  ].join('\n\n')}\n`;
}

/** How to open the bundle: with the predictor package, and with transformers.js alone. */
function useText({ text: { maxLength, template } }: BundleManifest, modelType: string): string[] {
  const opens = opensInTransformersJs(modelType);
  return [
    'With the package `overture-predictor` (Node 20 or later). `npx nx build @overture/inference` in a checkout of Overture writes its tarball to `libs/inference/dist/package`.',
    ['```sh', 'npm install --ignore-scripts overture-predictor-*.tgz', '```'].join('\n'),
    [
      '```js',
      "import { openPredictor } from 'overture-predictor';",
      '',
      "const predictor = await openPredictor('path/of/this/folder');",
      "const conversation = { id: '1', utterances: [{ role: 'user', text: 'My printer is offline. What can I do?' }] };",
      'const [prediction] = await predictor.predictNext([conversation]);',
      'await predictor.close();',
      '```',
    ].join('\n'),
    opens
      ? "With transformers.js 4: `pipeline('text-classification', folder)` opens this folder."
      : `With transformers.js 4: it has no text classifier of type \`${modelType}\`, so \`pipeline('text-classification', folder)\` alone refuses this folder ("Unsupported model type: ${modelType}"). It opens with \`model_type: '${genericModelType}'\` in the \`config\` option, as below: the graph is complete by itself.`,
    `A probability is the same only for the same text. The program below writes it as training did, from the template in \`overture.json\` (\`text.template\`): ${template.turns.merge === null ? 'every utterance a turn' : 'consecutive utterances of one speaker merged'}, white space collapsed, control tokens broken, and at most ${maxLength} tokens. Leave system prompts out of its input. Usage: \`node predict.js FOLDER [CONVERSATIONS.json]\`.`,
    ['```js', cardProgram(opens ? undefined : genericModelType), '```'].join('\n'),
  ];
}

function int8Text({
  kept,
  largestDrop,
  examples,
  macroF1,
  sameDecisions,
  largestDifference,
}: NonNullable<BundleManifest['int8']>): string {
  const measured = `On ${examples} examples of the validation split its macro-F1 is ${shown(macroF1.int8)}, that of float32 ${shown(macroF1.float32)}; ${shown(100 * sameDecisions)} % of the decisions are the same, and a probability differs by ${shown(largestDifference)} at most. A drop of up to ${shown(largestDrop)} was allowed`;
  return kept
    ? `\`onnx/model_quantized.onnx\` is the same network with weights of seven bits, a quarter of the size: \`openPredictor(folder, { precision: 'int8' })\`, or \`dtype: 'q8'\` in transformers.js. ${measured}.`
    : `There is no int8 graph: its decisions would differ too much. ${measured}.`;
}

function section(title: string, values: Readonly<Record<string, string | number | boolean>>): string[] {
  const rows = Object.entries(values).map(([key, value]) => [key, shown(value)]);
  return rows.length === 0 ? [] : [title, table(['', ''], rows)];
}

function frontMatter(values: Readonly<Record<string, string | undefined>>): string {
  const lines = Object.entries(values).flatMap(([key, value]) =>
    value === undefined ? [] : [`${key}: ${value}`],
  );
  return ['---', ...lines, '---'].join('\n');
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  return [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}

function shown(value: string | number | boolean): string {
  return typeof value === 'number' && !Number.isInteger(value)
    ? String(Number(value.toPrecision(4)))
    : String(value);
}
