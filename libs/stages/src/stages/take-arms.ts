import { takeArms } from '@overture/contracts';
import { AppError } from '@overture/core';
import { parseJson } from '@overture/dag';
import { sha256File } from '@overture/downloads';
import { createReadStream } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createGunzip } from 'node:zlib';
import { z } from 'zod';
import type { ComputeContext } from '../compute/compute-messages.ts';
import { inChild } from '../compute/in-child.ts';
import { linesOf } from '../corpus-artifact.ts';
import { implement } from '../implement.ts';
import { outOfFoldLine, putPredictions, type OutOfFoldLine } from '../out-of-fold.ts';
import { costsFile, originText, predictionsFile, studyFile } from '../study/study-files.ts';

const armLine = outOfFoldLine.extend({ arm: z.string() });
const costs = takeArms.output.shape.costs;
const origin = z.object({
  provenance: z.record(z.string(), z.string()),
  arms: z.array(z.object({ name: z.string(), seeds: z.array(z.object({ seed: z.int() })) })),
});

/**
 * Reads a report's files. This stage checks by digest that they fit the corpus; reportStudy checks every
 * example.
 */
export async function readArms(
  { report, corpus, folds, arms }: z.output<typeof takeArms.input>,
  { artifacts, heartbeat, signal }: ComputeContext,
): Promise<z.output<typeof takeArms.output>> {
  const earlier = await parsed(join(report, studyFile), origin);
  for (const [what, ref] of Object.entries({ [originText.corpus]: corpus, [originText.folds]: folds })) {
    if (earlier.provenance[what] !== ref.digest)
      throw incompatibleReport(
        report,
        `must be about the same ${ref.kind}, ${ref.digest}. Its ${studyFile} says ${earlier.provenance[what] ?? 'nothing'}: use the same corpus, protocol, splits, folds and foldSeed`,
      );
  }
  const wanted = new Map(
    arms.flatMap(({ name, seeds }) =>
      seeds.map((seed) => [`${name} ${seed}`, new Map<number, OutOfFoldLine[]>()] as const),
    ),
  );
  const file = join(report, predictionsFile);
  let count = 0;
  for await (const text of unzippedLines(file)) {
    if (++count % 10_000 === 0) heartbeat({ message: `${count} predictions read`, done: count });
    signal.throwIfAborted();
    const { arm, ...line } = parsedLine(text, { file, line: count });
    const byFold = wanted.get(`${arm} ${line.seed}`);
    const lines = byFold?.get(line.fold) ?? [];
    lines.push(line);
    byFold?.set(line.fold, lines);
  }
  const missing = arms.flatMap(({ name, seeds }) =>
    seeds.flatMap((seed) =>
      wanted.get(`${name} ${seed}`)!.size === 0 ? [`${name} under seed ${seed}`] : [],
    ),
  );
  if (missing.length > 0)
    throw incompatibleReport(
      report,
      `must have ${missing.join(', ')}. It has ${earlier.arms.map(({ name, seeds }) => `${name} (${seeds.map(({ seed }) => seed).join(', ')})`).join(', ')}: ask for those (known.arms, seeds), or let the others run`,
    );
  const parts = arms.flatMap(({ name: arm, seeds }) =>
    seeds.flatMap((seed) =>
      [...wanted.get(`${arm} ${seed}`)!]
        .sort(([a], [b]) => a - b)
        .map(([fold, lines]) => ({ arm, seed, fold, lines })),
    ),
  );
  return {
    parts: await Promise.all(
      parts.map(async ({ lines, ...part }) => ({
        ...part,
        predictions: await putPredictions(artifacts, lines),
      })),
    ),
    costs: (await parsed(join(report, costsFile), costs)).filter(({ arm }) =>
      arms.some(({ name }) => name === arm),
    ),
    source: `sha256:${await sha256File(file, { signal })}`,
  };
}

/** `readArms` in a child process. */
export const takeArmsStage = implement(
  takeArms,
  inChild(import.meta.url, readArms, { stage: takeArms.name }),
  {
    // The report in a folder may change.
    async fingerprint({ report }, { signal }) {
      return Object.fromEntries(
        await Promise.all(
          [studyFile, costsFile, predictionsFile].map(async (name) => {
            const file = join(report, name);
            return [
              name,
              await sha256File(file, { signal }).catch((cause: unknown) =>
                Promise.reject(invalid(file, cause)),
              ),
            ] as const;
          }),
        ),
      );
    },
  },
);

/**
 * The lines of a gzip file.
 * @throws AppError `PREDICTIONS_INVALID` if the file is truncated or not gzip
 */
async function* unzippedLines(file: string): AsyncGenerator<string> {
  const source = createReadStream(file);
  const unzipped = createGunzip();
  source.on('error', (error) => unzipped.destroy(error)); // a pipe does not forward it
  const chunks: AsyncIterable<Uint8Array> = source.pipe(unzipped);
  try {
    yield* linesOf(chunks);
  } catch (cause) {
    throw new AppError(
      'PREDICTIONS_INVALID',
      `${file} must be a whole gzip file of text. It is not: ${(cause as Error).message}. Copy the report again.`,
      { cause },
    );
  } finally {
    source.destroy();
  }
}

function parsedLine(
  text: string,
  { file, line }: { readonly file: string; readonly line: number },
): z.output<typeof armLine> {
  try {
    return parseJson(armLine, text);
  } catch (cause) {
    throw new AppError(
      'PREDICTIONS_INVALID',
      `Each line of ${file} must be a prediction as reportStudy writes it. Line ${line} is not: ${(cause as Error).message}`,
      { cause },
    );
  }
}

async function parsed<Schema extends z.ZodType>(file: string, schema: Schema): Promise<z.output<Schema>> {
  try {
    return parseJson(schema, await readFile(file, 'utf8'));
  } catch (cause) {
    throw invalid(file, cause);
  }
}

function invalid(file: string, cause: unknown): AppError {
  return new AppError(
    'STUDY_REPORT_INVALID',
    `The report of a study must have a file ${file} as reportStudy writes it: ${(cause as Error).message} Name the folder of a study's report (known.report).`,
    { cause },
  );
}

function incompatibleReport(report: string, what: string): AppError {
  return new AppError(
    'STUDY_REPORT_UNFIT',
    `The report ${report}, from which arms are to be taken, ${what}.`,
  );
}
