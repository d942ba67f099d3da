import { armTable } from '@overture/contracts';
import { AppError } from '@overture/core';
import { parseJson } from '@overture/dag';
import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { z } from 'zod';
import type { CliContext } from './context.ts';

/** The arms that a study reuses from an earlier report: an element of its input's `known`. */
export interface KnownReport {
  /** The report folder. */
  readonly report: string;
  readonly arms: readonly string[];
}

const studyArms = z.object({ arms: z.array(z.object({ name: z.string() })) });

/**
 * The reusable arms of each report: all except baselines and ensembles, restricted to those that are wanted.
 * A report without any is left out, with a note.
 * @param wanted arm names; default: all
 * @throws AppError `USAGE` if a folder has no study report
 */
export async function knownReports(
  { cwd, terminal }: Pick<CliContext, 'cwd'> & { readonly terminal: Pick<CliContext['terminal'], 'note'> },
  folders: readonly string[],
  wanted: readonly string[] | undefined,
): Promise<KnownReport[]> {
  const reports = await Promise.all(folders.map((folder) => knownReport(resolve(cwd, folder), wanted)));
  for (const { report, arms } of reports)
    if (arms.length === 0)
      terminal.note(`Nothing is taken from ${report}: it has none of the arms that this study runs.`);
  return reports.filter(({ arms }) => arms.length > 0);
}

async function knownReport(report: string, wanted: readonly string[] | undefined): Promise<KnownReport> {
  const file = join(report, 'study.json');
  const { arms } = await readFile(file, 'utf8')
    .then((content) => parseJson(studyArms, content))
    .catch((cause: unknown) => {
      throw new AppError(
        'USAGE',
        `--known must name the folder of a study's report, such as ${join('…', 'reports', 'study-1a2b3c4d')}. ${file} cannot be read as one: ${(cause as Error).message}`,
        { cause },
      );
    });
  const learned = armTable
    .filter(({ method }) => method.kind !== 'floor' && method.kind !== 'ensemble')
    .map(({ name }): string => name);
  return {
    report,
    arms: arms
      .map(({ name }) => name)
      .filter((name) => learned.includes(name) && (wanted === undefined || wanted.includes(name))),
  };
}
