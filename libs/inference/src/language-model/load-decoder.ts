import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { AppError } from '@overture/core';
import { quantizeGraph, type Graph } from '@overture/graph';
import { adapterFiles, blockTensor, causalLanguageModel, languageModelGraph, mergeLora, parseAdapter, parseNetwork, parseWeights, type Model, type Weights } from '@overture/models';
import { openRuntime, type Tensors } from '@overture/runtime';
import { elementCount } from '@overture/tensors';
import { Decoder } from './decoder.ts';
import type { DecoderSettings } from './decoder-messages.ts';

const onnxLimit = 2 ** 31 - 2 ** 24; // bytes of constants in a file, see encodeOnnx
// Of SmolLM2's 538 MB, measured: 3.1 GB while the graph is made, handed over and packed, 0.9 GB with weights that are fed.
const [constantShare, fedShare] = [5.7, 1.7];

/**
 * A base model's files, with an adapter where there is one, ready to decode.
 * @throws AppError `LANGUAGE_MODEL_TOO_LARGE`, what the files' readers throw, `RUNTIME_…`
 */
export async function loadDecoder(settings: DecoderSettings): Promise<Decoder> {
  const base = causalLanguageModel(parseNetwork(await readFile(settings.config, 'utf8'), settings.config));
  const asConstants = fitsAsConstants(base, settings); // before gigabytes are read
  const { model, weights } = await loadModel(base, settings);
  const runtime = openRuntime({ threads: settings.threads, executionProvider: settings.executionProvider });
  const graph: Graph = languageModelGraph(model, asConstants ? weights : undefined);
  const fed: Record<string, ReturnType<typeof blockTensor>> = {};
  if (!asConstants) for (const block of [...model.parameters, ...model.frozen]) fed[block.name] = blockTensor(block, weights);
  const session = await runtime.load(settings.precision === 'int8' ? quantizeGraph(graph) : graph, { name: settings.weights });
  return new Decoder(graph, session, { vocabulary: model.outputs, weights: fed satisfies Tensors });
}

/** Whether the weights become constants of the graph. @throws AppError `LANGUAGE_MODEL_TOO_LARGE` if the model fits in no way */
function fitsAsConstants({ parameters }: Model, settings: DecoderSettings): boolean {
  const bytes = parameters.reduce((sum, { shape }) => sum + 4 * elementCount(shape), 0);
  const asConstants = bytes <= onnxLimit && bytes * constantShare <= settings.memoryBytes;
  if (!asConstants && (settings.precision === 'int8' || bytes * fedShare > settings.memoryBytes)) throw tooLarge(settings, bytes);
  return asConstants;
}

async function loadModel(model: Model, { weights: path, adapter }: DecoderSettings): Promise<{ model: Model; weights: Weights }> {
  const weights = parseWeights(await readFile(path), model, { where: path, seed: 0 });
  if (adapter === undefined) return { model, weights };
  const [adapterConfig, adapterWeights] = await Promise.all([readFile(join(adapter.folder, adapterFiles.config), 'utf8'), readFile(join(adapter.folder, adapterFiles.weights))]);
  const adapted = parseAdapter({ config: adapterConfig, weights: adapterWeights }, { model, tensors: weights }, { where: adapter.folder, seed: 0 });
  return adapter.merge ? { model, weights: mergeLora(adapted.model, adapted.weights) } : adapted;
}

function tooLarge({ weights, memoryBytes, precision }: DecoderSettings, bytes: number): AppError {
  const gigabytes = (value: number): string => `${(value / 2 ** 30).toFixed(1)} GiB`;
  const needed = bytes * (precision === 'int8' ? constantShare : fedShare);
  return new AppError('LANGUAGE_MODEL_TOO_LARGE', `The model ${weights} must fit in memory: its float32 weights are ${gigabytes(bytes)}, which takes about ${gigabytes(needed)} to open${precision === 'int8' ? ' in int8' : ''}. The machine has ${gigabytes(memoryBytes)}${precision === 'int8' && bytes > onnxLimit ? ', and an int8 graph is made of weights under 2 GiB' : ''}: choose a smaller model or another machine.`, {
    details: { bytes, needed, memoryBytes },
  });
}
