import { AppError } from '@overture/core';
import { dtypes, elementCount, type DType, type Tensor } from '@overture/tensors';
import { typeOfTensor } from '../builder.ts';
import type { Dim } from '../dims.ts';
import type { Attribute, Attributes, Graph, GraphInput, GraphNode, ValueType } from '../graph.ts';
import { typeOfOnnx } from '../onnx-types.ts';
import { opNamed } from '../table.ts';
import { parameterMark } from './encode-onnx.ts';
import { modelMessage } from './messages.ts';

/** An attribute as stored in the file. */
export interface WireAttribute {
  name: string;
  f?: number;
  i?: number;
  s?: Uint8Array;
  ints?: number[];
  t?: Omit<WireTensor, 'name'>;
}
interface WireTensor {
  name: string;
  dims?: number[];
  dataType: number;
  floatData?: number[];
  int32Data?: number[];
  int64Data?: number[];
  rawData?: Uint8Array;
  dataLocation?: number;
}
interface WireInfo {
  name: string;
  docString?: string;
  type?: { tensorType?: { elemType: number; shape?: { dim?: { dimValue?: number; dimParam?: string }[] } } };
}
/** A node as stored in the file. */
export interface WireNode {
  input?: string[];
  output?: string[];
  name?: string;
  opType: string;
  attribute?: WireAttribute[];
}
interface WireGraph {
  name?: string;
  node?: WireNode[];
  initializer?: WireTensor[];
  input?: WireInfo[];
  output?: WireInfo[];
}

/**
 * Decodes an ONNX file to a graph and infers its types again. Supports only operators of the table.
 * @param where the file's name, for messages
 * @throws AppError `ONNX_INVALID`, `ONNX_DTYPE_UNKNOWN`, `GRAPH_OP_UNKNOWN`, `GRAPH_TYPE_MISMATCH`
 */
export function decodeOnnx(bytes: Uint8Array, where: string): Graph {
  const wire = parseModel(bytes, where);
  const types = new Map<string, ValueType>();
  const constants = new Map<string, Tensor>();
  for (const initializer of wire.initializer ?? []) {
    const tensor = decodeTensor(initializer, where);
    constants.set(initializer.name, tensor);
    types.set(initializer.name, typeOfTensor(tensor));
  }
  const inputs: GraphInput[] = [];
  for (const info of wire.input ?? []) {
    if (constants.has(info.name)) continue; // old files list initializers as inputs, too
    types.set(info.name, decodeInfo(info, where));
    inputs.push({ name: info.name, kind: info.docString === parameterMark ? 'parameter' : 'input' });
  }
  const nodes = (wire.node ?? []).map((node, i): GraphNode => {
    const attributes = decodeAttributes(node.attribute ?? [], node.opType);
    const decoded = {
      op: node.opType,
      name: node.name || `${node.opType}#${i}`,
      inputs: node.input ?? [],
      outputs: node.output ?? [],
      attributes,
    };
    inferInto(types, decoded, where);
    return decoded;
  });
  const outputs = (wire.output ?? []).map(({ name }) => name);
  return { name: wire.name ?? '', inputs, constants, nodes, outputs, types };
}

/**
 * Parses the protobuf message and returns its graph.
 * @throws AppError `ONNX_INVALID`
 */
export function parseModel(bytes: Uint8Array, where: string): WireGraph {
  let model: { graph?: WireGraph };
  try {
    const message = modelMessage.decode(bytes);
    model = modelMessage.toObject(message, { longs: Number, bytes: Uint8Array }) as { graph?: WireGraph };
  } catch (thrown) {
    throw new AppError(
      'ONNX_INVALID',
      `${where} must be an ONNX file. It is not well-formed: ${(thrown as Error).message}.`,
      { details: { where }, cause: thrown },
    );
  }
  return model.graph ?? invalid(where, 'it holds no graph');
}

/**
 * Infers the types of a node's outputs and adds them to `types`.
 * @throws AppError `ONNX_INVALID`, `GRAPH_TYPE_MISMATCH`
 */
export function inferInto(types: Map<string, ValueType>, node: GraphNode, where: string): void {
  const inferred = inferNode(types, node, where);
  node.outputs.forEach((name, i) => types.set(name, inferred[i]));
}

/**
 * Infers the types of a node's outputs from those of its inputs.
 * @throws AppError `ONNX_INVALID`, `GRAPH_TYPE_MISMATCH`
 */
export function inferNode(
  types: ReadonlyMap<string, ValueType>,
  node: GraphNode,
  where: string,
): readonly ValueType[] {
  const inputs = node.inputs.map((name) =>
    name === ''
      ? undefined
      : (types.get(name) ??
        invalid(where, `node ${node.name} reads ${JSON.stringify(name)}, which nothing before it defines`)),
  );
  const row = opNamed(node.op);
  if (inputs.length < row.arity[0] || inputs.length > row.arity[1])
    invalid(where, `node ${node.name} gives ${inputs.length} inputs to ${node.op}`);
  const inferred = row.infer(inputs, node.attributes, node.outputs.length);
  return node.outputs.map(
    (_, i) =>
      inferred[i] ?? invalid(where, `node ${node.name} wants ${node.outputs.length} outputs of ${node.op}`),
  );
}

/**
 * Decodes the attributes of an operator of the table.
 * @throws AppError `GRAPH_ATTRIBUTE_UNKNOWN`
 */
export function decodeAttributes(attributes: readonly WireAttribute[], op: string): Attributes {
  return Object.fromEntries(attributes.map((attribute) => [attribute.name, decodeAttribute(attribute, op)]));
}

function decodeAttribute(attribute: WireAttribute, op: string): Attribute {
  const kind = opNamed(op).attributes?.[attribute.name];
  if (kind === undefined)
    throw new AppError(
      'GRAPH_ATTRIBUTE_UNKNOWN',
      `${op} must have attributes of its row only. Got ${JSON.stringify(attribute.name)} instead.`,
      { details: { op, name: attribute.name } },
    );
  if (kind === 'int') return attribute.i ?? 0;
  if (kind === 'float') return attribute.f ?? 0;
  if (kind === 'ints') return attribute.ints ?? [];
  return new TextDecoder().decode(attribute.s ?? new Uint8Array());
}

/**
 * Decodes a constant; raw data is viewed, not copied, if it is aligned.
 * @throws AppError `ONNX_INVALID`, `ONNX_DTYPE_UNKNOWN`
 */
export function decodeTensor(wire: WireTensor, where: string): Tensor {
  const [dtype, shape] = [typeOfOnnx(wire.dataType), wire.dims ?? []];
  const called = `constant ${JSON.stringify(wire.name)}`;
  if (wire.dataLocation === 1) return invalid(where, `${called} lies in another file`);
  if (
    !shape.every((length) => Number.isSafeInteger(length) && length >= 0) ||
    !Number.isSafeInteger(elementCount(shape))
  )
    return invalid(where, `${called} has no valid shape`);
  const { bytes, array } = dtypes[dtype];
  const count = elementCount(shape);
  if (wire.rawData !== undefined && wire.rawData.length > 0) {
    if (wire.rawData.length !== count * bytes)
      return invalid(
        where,
        `${called} of ${dtype} [${shape.join(', ')}] needs ${count * bytes} bytes and has ${wire.rawData.length}`,
      );
    // a copy
    const aligned = wire.rawData.byteOffset % bytes === 0 ? wire.rawData : new Uint8Array(wire.rawData);
    return { dtype, shape, data: new array(aligned.buffer, aligned.byteOffset, count) };
  }
  const listed = listedData(wire, dtype);
  if (listed.length !== count)
    return invalid(
      where,
      `${called} of shape [${shape.join(', ')}] needs ${count} elements and has ${listed.length}`,
    );
  if (dtype === 'int64') return { dtype, shape, data: BigInt64Array.from(listed, BigInt) };
  const data = new array(count) as Float32Array;
  data.set(listed);
  return { dtype, shape, data };
}

/** Without raw data, float32 and int64 have their own lists; all other types use int32_data. */
function listedData(wire: WireTensor, dtype: DType): number[] {
  if (dtype === 'float32') return wire.floatData ?? [];
  return (dtype === 'int64' ? wire.int64Data : wire.int32Data) ?? [];
}

/**
 * Decodes the type of an input. A dimension without a name is named after its input and axis.
 * @throws AppError `ONNX_INVALID`, `ONNX_DTYPE_UNKNOWN`
 */
export function decodeInfo({ name, type }: WireInfo, where: string): ValueType {
  const tensorType = type?.tensorType ?? invalid(where, `input ${JSON.stringify(name)} is no tensor`);
  const { dim = [] } = tensorType.shape ?? invalid(where, `input ${JSON.stringify(name)} has no shape`);
  return {
    dtype: typeOfOnnx(tensorType.elemType),
    shape: dim.map(({ dimValue, dimParam }, axis): Dim => dimParam || (dimValue ?? `${name}.${axis}`)),
  };
}

/**
 * Throws the error for an invalid or unsupported file.
 * @throws AppError `ONNX_INVALID`
 */
export function invalid(where: string, problem: string): never {
  throw new AppError(
    'ONNX_INVALID',
    `${where} must be an ONNX file that this library understands: ${problem}.`,
    { details: { where, problem } },
  );
}
