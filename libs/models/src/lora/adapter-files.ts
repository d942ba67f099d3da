import { AppError, type JsonValue } from '@overture/core';
import { encodeSafetensors, parseSafetensors } from '@overture/tensors';
import { readConfigObject } from '../config-reader.ts';
import { loadWeights, type LoadWeightsOptions, type Weights } from '../model-weights.ts';
import type { Model } from '../model.ts';
import { linearNames, withLora, type LoraModel } from './with-lora.ts';

/** File names of a PEFT adapter. */
export const adapterFiles = { config: 'adapter_config.json', weights: 'adapter_model.safetensors' } as const;

const prefix = 'base_model.model.'; // the name of PEFT's wrapper module

/**
 * Encodes an adapter and its head in PEFT's format, which `PeftModel.from_pretrained` opens with the base
 * model.
 */
export function encodeAdapter(
  model: LoraModel,
  weights: Weights,
  options: { readonly baseModel: string },
): { config: Record<string, JsonValue>; weights: Uint8Array } {
  const { lora, base, network } = model;
  const names = model.parameters.flatMap(({ parts }) => parts.map(({ name }) => name));
  return {
    config: {
      peft_type: 'LORA',
      task_type: base.task === 'causal' ? 'CAUSAL_LM' : 'SEQ_CLS',
      base_model_name_or_path: options.baseModel,
      r: lora.rank,
      lora_alpha: lora.alpha,
      lora_dropout: lora.dropout ?? 0,
      target_modules: lora.targets === 'all-linear' ? linearNames(base) : [...lora.targets],
      layers_to_transform: lora.layers === undefined ? null : [...lora.layers],
      modules_to_save: base.task === 'causal' ? null : [network.head.classifierLayer],
      bias: 'none',
      fan_in_fan_out: false,
      inference_mode: true,
      init_lora_weights: true,
      use_dora: false,
      use_rslora: false,
    },
    weights: encodeSafetensors(new Map(names.map((name) => [prefix + name, weights.get(name)!])), {
      format: 'pt',
    }),
  };
}

/**
 * Reads an adapter in PEFT's format. Returns the adapted model and the combined weights of adapter and base
 * model.
 * @param base the base model with its task's head, and its tensors as `loadWeights` takes them
 * @throws AppError `ADAPTER_INVALID`, `LORA_INVALID`, `WEIGHTS_MISMATCH`, `SAFETENSORS_INVALID`
 */
export function parseAdapter(
  files: { readonly config: unknown; readonly weights: Uint8Array },
  base: { readonly model: Model; readonly tensors: Parameters<typeof loadWeights>[0] },
  options: LoadWeightsOptions,
): { model: LoraModel; weights: Weights } {
  const { where } = options;
  const raw = readConfigObject(files.config, where);
  const refuse = (key: string, expected: string): never => {
    throw new AppError(
      'ADAPTER_INVALID',
      `${where} must describe a LoRA adapter of PEFT: "${key}" must be ${expected}. Got ${JSON.stringify(raw[key]) ?? 'nothing'} instead.`,
      { details: { where, key } },
    );
  };
  if (raw['peft_type'] !== 'LORA') refuse('peft_type', '"LORA"');
  for (const key of ['use_dora', 'use_rslora', 'fan_in_fan_out']) if (raw[key] === true) refuse(key, 'false');
  if ((raw['bias'] ?? 'none') !== 'none') refuse('bias', '"none"');
  for (const key of ['rank_pattern', 'alpha_pattern'])
    if (Object.keys((raw[key] as object | null | undefined) ?? {}).length > 0) refuse(key, 'empty');
  const targets = raw['target_modules'];
  const listed = Array.isArray(targets) && targets.every((target) => typeof target === 'string');
  if (!listed && targets !== 'all-linear') refuse('target_modules', 'a list of names, or "all-linear"');
  const layers = raw['layers_to_transform'] ?? undefined;
  const numbered = Array.isArray(layers) && layers.every((layer) => typeof layer === 'number');
  if (layers !== undefined && !numbered) refuse('layers_to_transform', 'a list of numbers, or null');
  for (const key of ['r', 'lora_alpha']) if (typeof raw[key] !== 'number') refuse(key, 'a number');
  const model = withLora(base.model, {
    rank: raw['r'] as number,
    alpha: raw['lora_alpha'] as number,
    targets: targets as string[] | 'all-linear',
    ...(numbered ? { layers: layers as number[] } : {}),
  });
  const head = new Set(
    base.model.parameters.filter((block) => block.head).flatMap(({ parts }) => parts.map(({ name }) => name)),
  );
  const bare = (name: string): string => name.replace(prefix, '');
  const adapter = [...parseSafetensors(files.weights, where).tensors].map(
    ([name, tensor]) => [bare(name), tensor] as const,
  );
  const encoder = [...base.tensors].filter(([name]) => !head.has(name));
  return {
    model,
    weights: loadWeights(new Map([...encoder, ...adapter]), model, {
      ...options,
      where: `${where} with its base model`,
    }),
  };
}
