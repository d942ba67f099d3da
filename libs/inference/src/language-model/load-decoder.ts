import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { quantizeGraph, type Graph } from '@overture/graph';
import {
  adapterFiles,
  blockTensor,
  causalLanguageModel,
  languageModelGraph,
  mergeLora,
  parseAdapter,
  parseNetwork,
  readWeights,
  type Model,
  type Weights,
} from '@overture/models';
import { openRuntime, type Tensors } from '@overture/runtime';
import { Decoder } from './decoder.ts';
import { fitsAsConstants } from './decoder-memory.ts';
import type { DecoderSettings } from './decoder-messages.ts';

/**
 * Opens a decoder from a base model's files and an optional adapter.
 * @throws AppError `LANGUAGE_MODEL_TOO_LARGE`, the errors of reading the files, `RUNTIME_…`
 */
export async function loadDecoder(settings: DecoderSettings): Promise<Decoder> {
  const base = causalLanguageModel(parseNetwork(await readFile(settings.config, 'utf8'), settings.config));
  const asConstants = fitsAsConstants(base, settings); // before gigabytes are read
  const { model, weights } = await loadModel(base, settings);
  const runtime = openRuntime({ threads: settings.threads, executionProvider: settings.executionProvider });
  const graph: Graph = languageModelGraph(model, asConstants ? weights : undefined);
  const fed: Record<string, ReturnType<typeof blockTensor>> = {};
  if (!asConstants)
    for (const block of [...model.parameters, ...model.frozen]) fed[block.name] = blockTensor(block, weights);
  const session = await runtime.load(settings.precision === 'int8' ? quantizeGraph(graph) : graph, {
    name: settings.weights,
  });
  return new Decoder(graph, session, { vocabulary: model.outputs, weights: fed satisfies Tensors });
}

async function loadModel(
  model: Model,
  { weights: path, adapter }: DecoderSettings,
): Promise<{ model: Model; weights: Weights }> {
  const weights = await readWeights(path, model, { where: path, seed: 0 });
  if (adapter === undefined) return { model, weights };
  const [adapterConfig, adapterWeights] = await Promise.all([
    readFile(join(adapter.folder, adapterFiles.config), 'utf8'),
    readFile(join(adapter.folder, adapterFiles.weights)),
  ]);
  const adapted = parseAdapter(
    { config: adapterConfig, weights: adapterWeights },
    { model, tensors: weights },
    { where: adapter.folder, seed: 0 },
  );
  return adapter.merge ? { model, weights: mergeLora(adapted.model, adapted.weights) } : adapted;
}
