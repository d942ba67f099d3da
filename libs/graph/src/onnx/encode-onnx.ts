import { AppError } from '@overture/core';
import { tensorBytes, type Tensor } from '@overture/tensors';
import type { Graph, GraphNode, ValueType } from '../graph.ts';
import { lowerGraph } from '../lower-graph.ts';
import { onnxTypeOf } from '../onnx-types.ts';
import { opNamed } from '../table.ts';
import { attributeTypes, modelMessage } from './messages.ts';

/** ONNX operator set of the table; 20 is the first with Gelu. */
const opset = 20;
const irVersion = 9;

/** Marks a parameter in the file; ONNX itself has only inputs. */
export const parameterMark = 'overture:parameter';

/**
 * Encodes a graph as an ONNX file: `overture` operators are lowered, constants are raw data, and parameters
 * are inputs. Equal graphs produce equal bytes.
 * @throws AppError `ONNX_TOO_LARGE` if the constants exceed the 2 GB limit of protobuf
 */
export function encodeOnnx(graph: Graph): Uint8Array {
  const { name, inputs, outputs, constants, nodes, types } = lowerGraph(graph);
  const size = [...constants.values()].reduce((sum, { data }) => sum + data.byteLength, 0);
  if (size > 2 ** 31 - 2 ** 24)
    throw new AppError(
      'ONNX_TOO_LARGE',
      `Constants of an ONNX file must stay under 2 GB. Got ${size} bytes: make parameters of the largest.`,
      { details: { bytes: size } },
    );
  return modelMessage
    .encode({
      irVersion,
      producerName: 'overture',
      opsetImport: [
        { domain: '', version: opset },
        { domain: 'com.microsoft', version: 1 },
      ],
      graph: {
        name,
        node: nodes.map(encodeNode),
        initializer: [...constants].map(([called, tensor]) => encodeTensor(called, tensor)),
        input: inputs.map((input) => ({
          ...encodeInfo(input.name, types.get(input.name)!),
          docString: input.kind === 'parameter' ? parameterMark : undefined,
        })),
        output: outputs.map((output) => encodeInfo(output, types.get(output)!)),
      },
    })
    .finish();
}

function encodeNode(node: GraphNode): object {
  const row = opNamed(node.op);
  const attribute = Object.entries(node.attributes).map(([name, value]) => {
    const kind = row.attributes?.[name];
    if (kind === undefined)
      throw new AppError(
        'GRAPH_ATTRIBUTE_UNKNOWN',
        `${node.op} must have attributes of its row only. Got ${JSON.stringify(name)} instead.`,
        { details: { op: node.op, name } },
      );
    const type = attributeTypes[kind];
    if (kind === 'int') return { name, type, i: value };
    if (kind === 'float') return { name, type, f: value };
    if (kind === 'ints') return { name, type, ints: value };
    return { name, type, s: new TextEncoder().encode(value as string) };
  });
  return {
    opType: node.op,
    name: node.name,
    domain: row.domain,
    input: node.inputs,
    output: node.outputs,
    attribute,
  };
}

function encodeTensor(name: string, tensor: Tensor): object {
  return { name, dims: tensor.shape, dataType: onnxTypeOf(tensor.dtype), rawData: tensorBytes(tensor) };
}

function encodeInfo(name: string, { dtype, shape }: ValueType): object {
  const dim = shape.map((length) =>
    typeof length === 'number' ? { dimValue: length } : { dimParam: length },
  );
  return { name, type: { tensorType: { elemType: onnxTypeOf(dtype), shape: { dim } } } };
}
