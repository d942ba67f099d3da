import { AppError } from '@overture/core';
import { sameShape, tensorBytes, type Tensor } from '@overture/tensors';
import { decodeTensor, invalid, parseModel } from './decode-onnx.ts';

const [graphField, initializerField] = [7, 5];
const [floatDataField, nameField, rawDataField] = [4, 8, 9]; // of TensorProto

/**
 * Replaces the values of weights in an ONNX file. The new values are written in place; all other bytes stay
 * the same.
 * @param weights float32 tensors by initializer name, with the same shapes as in the file
 * @throws AppError `ONNX_INVALID`, `ONNX_WEIGHT_MISFIT`
 */
export function replaceInitializers(
  bytes: Uint8Array,
  weights: ReadonlyMap<string, Tensor>,
  where: string,
): Uint8Array {
  const known = new Map(
    (parseModel(bytes, where).initializer ?? []).map((initializer) => [initializer.name, initializer]),
  );
  const problems: string[] = [];
  for (const [name, { dtype, shape }] of weights) {
    const initializer = known.get(name);
    const came = initializer && decodeTensor(initializer, where);
    if (came === undefined) problems.push(`${name} is none of its weights.`);
    else if (dtype !== 'float32' || came.dtype !== 'float32' || !sameShape(shape, came.shape))
      problems.push(
        `${name} is ${came.dtype} [${came.shape.join(', ')}]. Got ${dtype} [${shape.join(', ')}].`,
      );
  }
  if (problems.length > 0)
    throw new AppError('ONNX_WEIGHT_MISFIT', `The weights must fit ${where}. ${problems.join(' ')}`, {
      details: { where, problems },
    });
  const result = new Uint8Array(bytes);
  for (const graph of fieldsOf(bytes, { from: 0, to: bytes.length }, graphField, where)) {
    for (const tensor of fieldsOf(bytes, graph, initializerField, where)) {
      const name = [...fieldsOf(bytes, tensor, nameField, where)].map(({ from, to }) =>
        new TextDecoder().decode(bytes.subarray(from, to)),
      )[0];
      const weight = name === undefined ? undefined : weights.get(name);
      if (weight === undefined) continue;
      const content = tensorBytes(weight);
      const place = [rawDataField, floatDataField]
        .flatMap((field) => [...fieldsOf(bytes, tensor, field, where)])
        .find(({ from, to }) => to - from === content.length);
      if (place === undefined)
        return invalid(where, `the elements of ${JSON.stringify(name)} lie in no single place`);
      result.set(content, place.from);
    }
  }
  return result;
}

interface Range {
  readonly from: number;
  readonly to: number;
}

/**
 * Finds the byte ranges of a message's length-delimited fields with a field number
 * (https://protobuf.dev/programming-guides/encoding).
 */
function* fieldsOf(bytes: Uint8Array, { from, to }: Range, field: number, where: string): Generator<Range> {
  let at = from;
  const varint = (): number => {
    let [value, factor] = [0, 1];
    for (;;) {
      const byte = at < to ? bytes[at++] : invalid(where, 'a field ends too early');
      value += (byte & 127) * factor;
      if (byte < 128) return value;
      factor *= 128;
    }
  };
  while (at < to) {
    const tag = varint();
    const kind = tag % 8;
    const length = kind === 2 ? varint() : kind === 5 ? 4 : kind === 1 ? 8 : 0;
    if (kind === 0) varint();
    else if (kind > 2 && kind !== 5) invalid(where, `a field has the wire type ${kind}`);
    if (at + length > to) invalid(where, 'a field ends too late');
    if (kind === 2 && Math.floor(tag / 8) === field) yield { from: at, to: at + length };
    at += length;
  }
}
