import { z } from 'zod';
import { notesOf, type SettingNotes } from './setting.ts';
import { answersTrainingSettings, loraSettings, trainingSettings } from './training-settings.ts';

/** A setting as the documentation shows it. */
export interface SettingRow extends SettingNotes {
  /** Its path below `training`, such as `lora.rank`. */
  readonly key: string;
  /** The allowed values, as text. */
  readonly range: string;
  /** Undefined: there is none. */
  readonly default: unknown;
}

interface JsonSchema {
  readonly type?: string;
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly anyOf?: readonly JsonSchema[];
  readonly items?: JsonSchema;
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly exclusiveMinimum?: number;
  readonly exclusiveMaximum?: number;
  readonly default?: unknown;
}

const jsonSchemaOf = (schema: z.ZodType): JsonSchema => z.toJSONSchema(schema, { io: 'input' }) as JsonSchema;

/** Describes the values that a JSON Schema allows. */
function rangeOf(schema: JsonSchema): string {
  if (schema.const !== undefined) return JSON.stringify(schema.const);
  if (schema.enum !== undefined) return schema.enum.map((value) => JSON.stringify(value)).join(', ');
  if (schema.anyOf !== undefined) return schema.anyOf.map(rangeOf).join(', or ');
  switch (schema.type) {
    case 'integer':
    case 'number':
      return numbers(schema);
    case 'array':
      return `a list of ${rangeOf(schema.items ?? {})}`;
    case 'object': {
      const fields = Object.entries(schema.properties ?? {});
      return `{${fields.map(([key, field]) => `"${key}": ${rangeOf(field)}`).join(', ')}}`;
    }
    case 'boolean':
      return 'true, false';
    case 'string':
      return 'text';
    case 'null':
      return 'null';
    default:
      throw new Error(`No text for the range ${JSON.stringify(schema)}: add it to rangeOf.`);
  }
}

function numbers({ type, minimum, maximum, exclusiveMinimum, exclusiveMaximum }: JsonSchema): string {
  const open = maximum === undefined || maximum >= Number.MAX_SAFE_INTEGER;
  const low = exclusiveMinimum !== undefined ? `above ${exclusiveMinimum}` : `from ${minimum}`;
  const high =
    exclusiveMaximum !== undefined
      ? ` to below ${exclusiveMaximum}`
      : open
        ? exclusiveMinimum === undefined
          ? ' up'
          : ''
        : ` to ${maximum}`;
  return `${type === 'integer' ? 'integer ' : ''}${low}${high}`;
}

function rowsOf(shape: Readonly<Record<string, z.ZodType>>, prefix = ''): SettingRow[] {
  return Object.entries(shape).map(([key, schema]) => {
    const json = jsonSchemaOf(schema);
    return { key: prefix + key, ...notesOf(schema), range: rangeOf(json), default: json.default };
  });
}

/** Every setting of a training, in the order of the schema: of a classifier, or of generated answers. */
export function settingRows(task: 'classifier' | 'answers' = 'classifier'): readonly SettingRow[] {
  const { lora, ...shape } = (task === 'classifier' ? trainingSettings : answersTrainingSettings).shape;
  const nested = rowsOf(loraSettings.shape, 'lora.');
  const [adapters] = rowsOf({ lora });
  return [
    ...rowsOf(shape),
    {
      ...adapters!,
      range:
        task === 'classifier' ? 'null, or an object with the keys below' : 'an object with the keys below',
    },
    ...nested,
  ];
}

const cell = (value: unknown): string =>
  value === undefined ? '' : `\`${JSON.stringify(value)}\``.replaceAll('|', '\\|');

/** The settings as a page of documentation in Markdown. */
export function settingsPage(): string {
  const section = (rows: readonly SettingRow[]): string =>
    rows
      .map(
        ({ key, description, range, default: value, whenToChange, source }) => `### \`training.${key}\`

${description}

| range | default |
|---|---|
| ${range.replaceAll('|', '\\|')} | ${cell(value)} |

**When to change it.** ${whenToChange}${source === undefined ? '' : `\n\nSource: ${source}.`}
`,
      )
      .join('\n');
  const usual = settingRows();
  const isUsual = (row: SettingRow): boolean =>
    JSON.stringify(usual.find(({ key }) => key === row.key)) === JSON.stringify(row);
  const answers = settingRows('answers');
  const own = answers.filter((row) => !isUsual(row));
  const shared = answers.filter((row) => isUsual(row) && !row.key.includes('.'));
  return `# Settings of a training

Written by \`npx overture settings --markdown\` from \`libs/training-settings\`, where each setting is defined once: the workflows' input, the command
line and the library use that definition. Change a setting with \`--set training.KEY=VALUE\`, or in the JSON of a workflow. \`npx overture settings KEY\` shows one.

## Classifiers

${section(usual)}
## Language models that generate answers

The settings ${shared.map(({ key }) => `\`${key}\``).join(', ')} are those of a classifier. These differ:

${section(own)}`;
}
