import { trainingSettings } from '@overture/training-settings';
import { classifierUse, type BaseUse } from '@overture/contracts';
import type { AppError } from '@overture/core';
import { parseNetwork } from '@overture/models';
import { describe, expect, it } from 'vitest';
import { checkTrainable } from './check-trainable.ts';

const bert = parseNetwork({
  model_type: 'bert',
  vocab_size: 30,
  hidden_size: 8,
  num_hidden_layers: 2,
  num_attention_heads: 2,
  intermediate_size: 16,
  max_position_embeddings: 64,
  type_vocab_size: 2,
});
const llama = parseNetwork({
  model_type: 'llama',
  vocab_size: 30,
  hidden_size: 8,
  num_hidden_layers: 2,
  num_attention_heads: 2,
  intermediate_size: 16,
  max_position_embeddings: 64,
});
/** TinyLlama 1.1B. */
const large = parseNetwork({
  model_type: 'llama',
  vocab_size: 32_000,
  hidden_size: 2048,
  num_hidden_layers: 22,
  num_attention_heads: 32,
  num_key_value_heads: 4,
  intermediate_size: 5632,
  max_position_embeddings: 2048,
});

const training = (settings: object = {}): BaseUse =>
  classifierUse(trainingSettings.parse({ maxLength: 64, ...settings }));

function refusal(check: () => void): AppError {
  try {
    check();
  } catch (error) {
    return error as AppError;
  }
  return expect.unreachable('it should have been refused');
}

describe('checkTrainable', () => {
  it('accepts what fits: adapters above frozen layers, as many tokens as positions', () => {
    checkTrainable({ name: 'mine', network: bert }, [
      training({ freezeLayers: 1, lora: { targets: ['query', 'value'] } }),
      training({ maxLength: 64 }),
    ]);
    checkTrainable({ name: 'mine', network: llama, languageModelProblems: [] }, [
      { key: 'answersTraining', task: 'languageModel' },
    ]);
  });

  it('names every setting that a model does not allow, and never asks for a retry', () => {
    const error = refusal(() =>
      checkTrainable({ name: 'mine', network: bert }, [
        training({ maxLength: 256, freezeLayers: 3 }),
        { key: 'turnLength', task: 'encoder', maxLength: 100 },
      ]),
    );
    expect(error).toMatchObject({ code: 'BASE_MODEL_UNFIT', retryable: false });
    expect(error.message).toBe(
      'The base model mine does not allow these settings. training.maxLength must be at most 64, the positions that the model has. Got 256 instead. ' +
        'In training: The number of layers to freeze must be from 0 to 2, which is what this bert network has. Got 3 instead. turnLength must be at most 64, the positions that the model has. Got 100 instead.',
    );
  });

  it.each<[object, string]>([
    [
      { lora: { targets: ['q_proj'] } },
      'Its targets must be names of linear layers, such as query, key, value, dense. Got ["q_proj"] instead.',
    ],
    [
      { lora: {}, freezeLayers: 2 },
      'With training.lora, training.freezeLayers must leave a layer for the adapters: at most 1. Got 2 instead.',
    ],
  ])('compares %j with the layers of the network', (settings, problem) => {
    expect(
      refusal(() => checkTrainable({ name: 'mine', network: bert }, [training(settings)])).message,
    ).toContain(problem);
  });

  it('refuses a model whose classifier would not fit in one ONNX file, with its size and the limit', () => {
    const error = refusal(() => checkTrainable({ name: 'TinyLlama', network: large }, [training()]));
    expect(error).toMatchObject({
      code: 'BASE_MODEL_TOO_LARGE',
      retryable: false,
      details: { parameters: 1_034_516_480 },
    });
    expect(error.message).toBe(
      'The base model TinyLlama has 1.03 billion parameters, 3.9 GiB in float32. A classifier is written as one ONNX file, which must be under 2.0 GiB. Choose a base model with at most 0.53 billion parameters.',
    );
    checkTrainable({ name: 'TinyLlama', network: large, languageModelProblems: [] }, [
      { key: 'prompting', task: 'languageModel', maxLength: 512 },
    ]);
  });

  it('refuses to ask a model that writes no text', () => {
    expect(
      refusal(() =>
        checkTrainable({ name: 'mine', network: bert }, [{ key: 'prompting', task: 'languageModel' }]),
      ).message,
    ).toBe(
      'The base model mine is a bert, which does not predict the next token. Choose a language model, such as a Llama-type one.',
    );
    expect(
      refusal(() =>
        checkTrainable(
          { name: 'mine', network: llama, languageModelProblems: ['lm_head.weight [30, 8] is missing.'] },
          [{ key: 'prompting', task: 'languageModel' }],
        ),
      ).message,
    ).toBe(
      'The base model mine cannot be asked as a language model: lm_head.weight [30, 8] is missing. Use a model that was saved for generation.',
    );
  });
});
