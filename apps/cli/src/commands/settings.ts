import { AppError, didYouMean } from '@overture/core';
import { settingRows, settingsPage, type SettingRow } from '@overture/training-settings';
import { pipelines } from '@overture/workflows';
import { z } from 'zod';
import type { CliContext } from '../context.ts';
import { table } from '../output/table.ts';

/** Options of `overture settings`. */
export interface SettingsOptions {
  /** Print the page docs/settings.md. */
  readonly markdown?: boolean;
  /** Print the JSON Schema of this workflow's input. */
  readonly schema?: string;
}

/** `overture settings [KEY]`. With `--json`, prints the settings as a list, or one as an object. */
export function showSettings(
  { terminal }: CliContext,
  key: string | undefined,
  options: SettingsOptions,
): void {
  if (options.markdown) return terminal.print(settingsPage().trimEnd());
  if (options.schema !== undefined) return terminal.printJson(inputSchema(options.schema));
  const rows = settingRows();
  if (key === undefined) {
    if (terminal.json) return terminal.printJson(rows);
    return terminal.print(
      table(
        ['setting', 'default', 'range'],
        rows.map(({ key: name, default: value, range }) => [
          `training.${name}`,
          JSON.stringify(value) ?? '',
          range,
        ]),
      ),
    );
  }
  const row = settingOf(rows, key);
  if (terminal.json) return terminal.printJson(row);
  terminal.print(
    [
      `training.${row.key}`,
      '',
      row.description,
      '',
      `Range:    ${row.range}`,
      ...(row.default === undefined ? [] : [`Default:  ${JSON.stringify(row.default)}`]),
      `Change:   ${row.whenToChange}`,
      ...(row.source === undefined ? [] : [`Source:   ${row.source}`]),
    ].join('\n'),
  );
}

function settingOf(rows: readonly SettingRow[], given: string): SettingRow {
  const name = given.replace(/^training\./, '');
  const row = rows.find(({ key }) => key === name);
  if (row !== undefined) return row;
  throw new AppError(
    'USAGE',
    `Training has no setting "${given}".${didYouMean(
      name,
      rows.map(({ key }) => key),
    )} "overture settings" lists all of them.`,
  );
}

function inputSchema(workflow: string): unknown {
  if (Object.hasOwn(pipelines, workflow))
    return z.toJSONSchema(pipelines[workflow as keyof typeof pipelines].input, {
      io: 'input',
      unrepresentable: 'any',
    });
  throw new AppError(
    'USAGE',
    `The workflow must be one of ${Object.keys(pipelines).join(', ')}. Got ${JSON.stringify(workflow)} instead.${didYouMean(workflow, Object.keys(pipelines))}`,
  );
}
