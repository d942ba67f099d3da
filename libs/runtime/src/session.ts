import { AppError } from '@overture/core';
import { dtypes, elementCount, type DType, type Tensor, type TensorData } from '@overture/tensors';
import { Tensor as OnnxTensor, type InferenceSession } from 'onnxruntime-node';
import { toRuntimeError } from './runtime-error.ts';

/** Tensors by name. */
export type Tensors = Readonly<Record<string, Tensor>>;

/** A graph that is ready to run. */
export interface Session {
  readonly name: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  /**
   * Runs the graph. Sessions in the caller's thread block it during the run, so no timer fires. Feeds are
   * read in place, not copied.
   * @param into tensors to write results to; only the outputs named here are then computed
   * @throws AppError `RUNTIME_FEED_MISSING`, `RUNTIME_FEED_MISMATCH`, `RUNTIME_OUTPUT_UNKNOWN`,
   * `RUNTIME_SESSION_CLOSED`, `RUNTIME_RUN_FAILED`, `RUNTIME_OUT_OF_MEMORY`
   */
  run(feeds: Tensors, into?: Tensors): Promise<Record<string, Tensor>>;
  /** Frees the memory. Can be called more than once. */
  close(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

/** A session of onnxruntime. */
export class OnnxSession implements Session {
  readonly name: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  #inner: InferenceSession | undefined;

  constructor(name: string, inner: InferenceSession) {
    this.name = name;
    this.inputs = inner.inputNames;
    this.outputs = inner.outputNames;
    this.#inner = inner;
  }

  async run(feeds: Tensors, into?: Tensors): Promise<Record<string, Tensor>> {
    const inner = this.#inner;
    if (inner === undefined)
      throw new AppError(
        'RUNTIME_SESSION_CLOSED',
        `Session ${this.name} must be open to run. Got a closed one: load the graph again.`,
      );
    this.#checkFeeds(inner, feeds);
    const wrapped = Object.fromEntries(this.inputs.map((name) => [name, wrap(feeds[name])]));
    if (into === undefined) return unwrapAll(await this.#guard(() => inner.run(wrapped)));
    for (const name of Object.keys(into)) {
      if (!this.outputs.includes(name))
        throw new AppError(
          'RUNTIME_OUTPUT_UNKNOWN',
          `An output of ${this.name} must be one of ${this.outputs.join(', ')}. Got ${JSON.stringify(name)} instead.`,
        );
    }
    const fetches = Object.fromEntries(Object.entries(into).map(([name, target]) => [name, wrap(target)]));
    const returned = await this.#guard(() => inner.run(wrapped, fetches));
    // onnxruntime 1.30 returns a second copy
    for (const value of Object.values(returned)) (value as OnnxTensor).dispose();
    return { ...into };
  }

  async close(): Promise<void> {
    const inner = this.#inner;
    this.#inner = undefined;
    await inner?.release();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #guard<T>(run: () => Promise<T>): Promise<T> {
    try {
      return await run();
    } catch (thrown) {
      throw toRuntimeError('RUNTIME_RUN_FAILED', `Graph ${this.name} did not run`, thrown);
    }
  }

  #checkFeeds(inner: InferenceSession, feeds: Tensors): void {
    for (const meta of inner.inputMetadata) {
      const fed = feeds[meta.name];
      if (!meta.isTensor) continue;
      const wanted = `${meta.type} [${meta.shape.join(', ')}]`;
      if (fed === undefined) {
        throw new AppError(
          'RUNTIME_FEED_MISSING',
          `Graph ${this.name} must be fed ${JSON.stringify(meta.name)} (${wanted}). Got ${Object.keys(feeds).join(', ') || 'nothing'} instead.`,
          { details: { input: meta.name } },
        );
      }
      const fits =
        fed.dtype === meta.type &&
        fed.shape.length === meta.shape.length &&
        meta.shape.every((length, axis) => typeof length !== 'number' || length === fed.shape[axis]);
      if (!fits || fed.data.length !== elementCount(fed.shape)) {
        throw new AppError(
          'RUNTIME_FEED_MISMATCH',
          `Input ${JSON.stringify(meta.name)} of graph ${this.name} must be ${wanted}. Got ${fed.dtype} [${fed.shape.join(', ')}] with ${fed.data.length} elements instead.`,
          {
            details: { input: meta.name, expected: wanted, shape: [...fed.shape] },
          },
        );
      }
    }
  }
}

function wrap({ dtype, shape, data }: Tensor): OnnxTensor {
  return new OnnxTensor(dtype as 'float32', data as Float32Array, shape);
}

function unwrapAll(values: InferenceSession.ReturnType): Record<string, Tensor> {
  return Object.fromEntries(
    Object.entries(values).map(([name, value]) => [name, unwrap(value as OnnxTensor)]),
  );
}

function unwrap(value: OnnxTensor): Tensor {
  const dtype = value.type as DType;
  const data = value.data as TensorData;
  // float16 arrives as a Float16Array if JavaScript has that type; our tensors have its bits
  const bits =
    data instanceof dtypes[dtype].array
      ? data
      : new dtypes[dtype].array(data.buffer, data.byteOffset, data.length);
  return { dtype, shape: [...value.dims], data: bits };
}
