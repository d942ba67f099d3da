import { resolve } from 'node:path';
import { toAppError, type JsonValue } from '@overture/core';
import { inspectModel, unusedTensors, type ModelInspection } from '@overture/models';
import { checkInspected } from '@overture/stages';
import type { CliContext } from '../context.ts';
import { exitCodes } from '../exit-codes.ts';
import { bytes } from '../output/format.ts';
import { table } from '../output/table.ts';

/**
 * `overture doctor --base PATH`: describes a model folder or a GGUF file, which parts of it are used, and why
 * it cannot be used. Starts nothing.
 * @returns the exit code: 0 if a classifier can be trained on it, 3 if not
 */
export async function doctorBase(
  { terminal, cwd }: Pick<CliContext, 'terminal' | 'cwd'>,
  path: string,
): Promise<number> {
  const inspection = await inspectModel(resolve(cwd, path));
  const problems = problemsOf(inspection);
  if (terminal.json) terminal.printJson(baseReport(inspection, problems));
  else terminal.print(baseText(inspection, problems));
  return problems.length === 0 ? exitCodes.done : exitCodes.badInput;
}

/** The problems with the files, or else the reasons why no classifier can be trained on them. */
function problemsOf(inspection: ModelInspection): string[] {
  if (inspection.problems.length > 0) return inspection.problems.map(({ message }) => message);
  try {
    checkInspected(inspection, [{ key: 'training', task: 'classifier' }]);
    return [];
  } catch (error) {
    return [toAppError(error).message];
  }
}

function baseReport(
  { path, kind, name, network, weights, tokenizer, languageModelProblems, notices }: ModelInspection,
  problems: readonly string[],
): Record<string, JsonValue | undefined> {
  return {
    path,
    kind,
    name,
    usable: problems.length === 0,
    family: network?.family,
    network: network && { ...network.size },
    parameters: weights?.parameters,
    weights: weights && {
      files: [...weights.files],
      format: weights.format,
      bytes: weights.bytes,
      encodings: [...weights.encodings],
      prefix: weights.prefix,
      renamed: weights.renamed,
    },
    tokenizer: tokenizer && {
      files: [...tokenizer.files],
      tokens: tokenizer.vocabSize,
      pad: tokenizer.pad && { ...tokenizer.pad },
    },
    dropped: weights?.dropped.map(({ name: tensor, shape, what }) => ({
      name: tensor,
      shape: [...shape],
      what,
    })),
    tied: weights?.tied.map((each) => ({ ...each })),
    missing: weights && [...weights.problems],
    languageModel: languageModelProblems && {
      usable: languageModelProblems.length === 0,
      problems: [...languageModelProblems],
    },
    notices: [...notices],
    problems: [...problems],
  };
}

function baseText(
  { path, name, network, weights, tokenizer, languageModelProblems, notices }: ModelInspection,
  problems: readonly string[],
): string {
  const count = (value: number): string => value.toLocaleString('en-US');
  const rows: string[][] = [['model', `${name} (${path})`]];
  if (network) {
    const { layers, hiddenSize, maxPositions, vocabSize } = network.size;
    rows.push([
      'network',
      `${network.family}: ${layers} ${layers === 1 ? 'layer' : 'layers'} of width ${hiddenSize}, ${count(maxPositions)} positions, ${count(vocabSize)} token embeddings`,
    ]);
  }
  if (weights) {
    const files =
      weights.files.length === 1 ? weights.files[0]!.split('/').at(-1)! : `${weights.files.length} files`;
    rows.push([
      'weights',
      `${files}, ${bytes(weights.bytes)}, ${weights.encodings.join(' and ')}: ${count(weights.parameters)} parameters, ${bytes(4 * weights.parameters)} in float32`,
    ]);
  }
  if (tokenizer) {
    const pad =
      tokenizer.pad === undefined
        ? 'no padding token'
        : `padding token ${JSON.stringify(tokenizer.pad.token)}, id ${tokenizer.pad.id} (${tokenizer.pad.from})`;
    rows.push([
      'tokenizer',
      `${tokenizer.files.map((file) => file.split('/').at(-1)).join(', ')}: ${count(tokenizer.vocabSize)} tokens, ${pad}`,
    ]);
  }
  if (languageModelProblems)
    rows.push([
      'language model',
      languageModelProblems.length === 0
        ? 'yes: it can also be asked to write its answer'
        : `no: ${languageModelProblems.slice(0, 3).join(' ')}`,
    ]);
  for (const unused of unusedTensors(weights?.dropped ?? [])) rows.push(['not used', unused]);
  for (const notice of notices.filter((each) => !each.startsWith('Not used: ')))
    rows.push(['notice', notice]);
  for (const problem of problems) rows.push(['problem', problem]);
  rows.push([
    'verdict',
    problems.length === 0 ? 'A classifier can be trained on it.' : 'It cannot be used as it is.',
  ]);
  return table(['', ''], rows).trimStart();
}
