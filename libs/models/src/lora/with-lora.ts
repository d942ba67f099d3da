import { AppError } from '@overture/core';
import { concat, gemm, type Value } from '@overture/graph';
import { float32 } from '@overture/tensors';
import type { Layout } from '../layout.ts';
import type { Model } from '../model.ts';
import type { ParameterSource } from '../network.ts';
import { singleBlock, stackedBlock, type NamedShape, type ParameterBlock } from '../parameter-block.ts';

/** Options of low-rank adapters. */
export interface LoraOptions {
  readonly rank: number;
  /** Adapter outputs are scaled by alpha / rank. */
  readonly alpha: number;
  /**
   * Names of linear layers, matched at their end as in PEFT (`q_proj`), or all linear layers except the head.
   */
  readonly targets: readonly string[] | 'all-linear';
  /** Dropout rate of an adapter's input in training. Default 0. */
  readonly dropout?: number;
  /** Layers that get adapters, counted from 0. Default: all. */
  readonly layers?: readonly number[];
}

/** A linear layer of the base model with adapters on some of its parts. */
export interface AdaptedLayer {
  readonly at: string;
  /** The frozen block `${at}.weight`. */
  readonly weight: ParameterBlock;
  /** The parts with an adapter, and each part's first row in the block. */
  readonly parts: readonly (NamedShape & { readonly at: string; readonly row: number })[];
}

/** A model with adapters: `parameters` are the adapters and the head; `frozen` is everything else. */
export interface LoraModel extends Model {
  readonly base: Model;
  readonly lora: LoraOptions;
  readonly layers: readonly AdaptedLayer[];
}

/** Names of an adapter's two factors: A [rank, in] and B [out, rank]. */
export const adapterNames = {
  a: (at: string): string => `${at}.lora_A.weight`,
  b: (at: string): string => `${at}.lora_B.weight`,
} as const;

/**
 * Adds low-rank adapters to a model: W x becomes W x + alpha / rank · B A x. A is initialized randomly and B
 * with zeros, so that training starts at the base model.
 * @throws AppError `LORA_INVALID`
 */
export function withLora(model: Model, lora: LoraOptions): LoraModel {
  const layers = adaptedLayers(model, lora);
  checkOptions(model, lora, layers);
  const adapters = layers.flatMap((layer) => adapterBlocks(layer, lora.rank));
  return {
    ...model,
    base: model,
    lora,
    layers,
    parameters: [...adapters, ...model.parameters.filter(({ head }) => head)],
    frozen: [...model.parameters.filter(({ head }) => !head), ...model.frozen],
    encode: (layout, source, layerRange) =>
      model.encode(layout, adaptedSource(source, layers, { ...lora, layout }), layerRange),
    logits: (layout, source, from) =>
      model.logits(layout, adaptedSource(source, layers, { ...lora, layout }), from),
  };
}

/** The linear layers that match the targets, in the order of the blocks. */
function adaptedLayers({ parameters }: Model, { targets, layers }: LoraOptions): AdaptedLayer[] {
  return parameters.flatMap((weight) => {
    if (
      weight.table ||
      weight.head ||
      weight.shape.length !== 2 ||
      layers?.includes(weight.depth - 1) === false
    )
      return [];
    let row = 0;
    const parts = weight.parts.flatMap((part) => {
      const placed = { ...part, at: withoutSuffix(part.name), row };
      row += part.shape[0];
      return targets === 'all-linear' ||
        targets.some((target) => placed.at === target || placed.at.endsWith(`.${target}`))
        ? [placed]
        : [];
    });
    return parts.length === 0 ? [] : [{ at: withoutSuffix(weight.name), weight, parts }];
  });
}

function withoutSuffix(name: string): string {
  return name.replace(/\.weight$/, '');
}

/** The A factors of a layer's parts are one block and one product; each part has its own B. */
function adapterBlocks({ at, weight, parts }: AdaptedLayer, rank: number): ParameterBlock[] {
  const columns = weight.shape[1];
  const { depth } = weight;
  return [
    stackedBlock(
      adapterNames.a(at),
      parts.map((part) => ({ name: adapterNames.a(part.at), shape: [rank, columns] })),
      { depth, start: 'uniform' },
    ),
    ...parts.map((part) =>
      singleBlock(adapterNames.b(part.at), [part.shape[0], rank], { depth, start: 'zero' }),
    ),
  ];
}

function adaptedSource(
  source: ParameterSource,
  layers: readonly AdaptedLayer[],
  { rank, alpha, layout }: LoraOptions & { readonly layout: Layout },
): ParameterSource {
  const byName = new Map(layers.map((layer) => [layer.at, layer]));
  return {
    value: source.value,
    linear(x, at) {
      const plain = source.linear(x, at);
      const layer = byName.get(at);
      if (layer === undefined) return plain;
      // [rows, parts · rank]
      const low = gemm(layout.drop(x, 'adapter'), source.value(adapterNames.a(at)), undefined, {
        transB: true,
      });
      return gemm(low, upward(layer, source, rank), plain, { transB: true, alpha: alpha / rank });
    },
  };
}

/**
 * Places each part's B in its own rows and columns, with zeros elsewhere: [out, parts · rank]. The matrix is
 * small and combines the parts into one product.
 */
function upward({ weight, parts }: AdaptedLayer, source: ParameterSource, rank: number): Value {
  const values = parts.map((part) => source.value(adapterNames.b(part.at)));
  const { builder } = values[0];
  if (parts.length === 1 && parts[0].shape[0] === weight.shape[0]) return values[0];
  const zeros = (rows: number, columns: number): Value => builder.constant(float32([rows, columns]));
  const bands: Value[] = [];
  let row = 0;
  parts.forEach((part, i) => {
    if (part.row > row) bands.push(zeros(part.row - row, parts.length * rank));
    const [before, after] = [i * rank, (parts.length - 1 - i) * rank];
    const band = [
      ...(before > 0 ? [zeros(part.shape[0], before)] : []),
      values[i],
      ...(after > 0 ? [zeros(part.shape[0], after)] : []),
    ];
    bands.push(band.length === 1 ? band[0] : concat(band, 1));
    row = part.row + part.shape[0];
  });
  if (row < weight.shape[0]) bands.push(zeros(weight.shape[0] - row, parts.length * rank));
  return bands.length === 1 ? bands[0] : concat(bands, 0);
}

function checkOptions(
  model: Model,
  { rank, alpha, targets, layers: chosen }: LoraOptions,
  layers: readonly AdaptedLayer[],
): void {
  const problems: string[] = [];
  if (!Number.isSafeInteger(rank) || rank < 1)
    problems.push(`Its rank must be a positive integer. Got ${rank} instead.`);
  if (!(alpha > 0) || !Number.isFinite(alpha))
    problems.push(`Its alpha must be a number over 0. Got ${alpha} instead.`);
  const { layers: count } = model.network.size;
  if (
    chosen !== undefined &&
    !(
      chosen.length > 0 && chosen.every((layer) => Number.isSafeInteger(layer) && layer >= 0 && layer < count)
    )
  )
    problems.push(`Its layers must be some of 0 to ${count - 1}. Got ${JSON.stringify(chosen)} instead.`);
  const found = layers.flatMap(({ parts }) => parts.map(({ at }) => at));
  const unknown =
    targets === 'all-linear'
      ? []
      : targets.filter((target) => !found.some((at) => at === target || at.endsWith(`.${target}`)));
  if (unknown.length > 0 || found.length === 0)
    problems.push(
      `Its targets must be names of linear layers, such as ${linearNames(model).join(', ')}. Got ${JSON.stringify(unknown.length > 0 ? unknown : targets)} instead.`,
    );
  if (problems.length > 0)
    throw new AppError('LORA_INVALID', `An adapter must fit its model. ${problems.join(' ')}`, {
      details: { problems },
    });
}

/** The last name segments of all linear layers, without duplicates: `q_proj`, `k_proj`, … */
export function linearNames({ parameters }: Model): string[] {
  const names = parameters
    .filter(({ table, head, shape }) => !table && !head && shape.length === 2)
    .flatMap(({ parts }) => parts.map(({ name }) => withoutSuffix(name).split('.').at(-1)!));
  return [...new Set(names)];
}
