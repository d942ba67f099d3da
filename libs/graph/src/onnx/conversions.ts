import { int64, type Tensor } from '@overture/tensors';
import type { Attributes, GraphNode, ValueType } from '../graph.ts';
import { referenceArray, type ReferenceArray } from '../reference-array.ts';
import { refuse } from '../refuse.ts';
import { decodeAttributes, decodeTensor, invalid, type WireAttribute } from './decode-onnx.ts';

/** A node as stored in a file from another exporter. */
export interface ForeignNode extends Omit<GraphNode, 'attributes'> {
  readonly attributes: readonly WireAttribute[];
}

/** Context of a conversion: types, constants, and a way to add constants. */
export interface Known {
  readonly where: string;
  typeOf(name: string): ValueType;
  constantOf(name: string): Tensor | undefined;
  /** @returns the name under which nodes can use it */
  addConstant(name: string, tensor: Tensor): string;
}

type Conversion = (node: ForeignNode, known: Known) => readonly GraphNode[];

const attributeOf = (node: ForeignNode, name: string): WireAttribute | undefined =>
  node.attributes.find((attribute) => attribute.name === name);
const listed = (known: Known, name: string, numbers: readonly number[]): string =>
  known.addConstant(name, int64([numbers.length], numbers));

/** Converts an attribute of older operator sets to the list input that replaced it. */
const listAsInput =
  (attribute: string): Conversion =>
  (node, known) => {
    const given = attributeOf(node, attribute)?.ints;
    const inputs =
      given === undefined
        ? node.inputs
        : [node.inputs[0]!, listed(known, `${node.name}/${attribute}`, given)];
    return [
      {
        ...node,
        inputs,
        attributes: decodeAttributes(
          node.attributes.filter(({ name }) => name !== attribute),
          node.op,
        ),
      },
    ];
  };

/** Same as `listAsInput`, where a missing list means all axes. */
const axesAsInput: Conversion = (node, known) => {
  const all = known.typeOf(node.inputs[0]!).shape.map((_, axis) => axis);
  const listedAlready = node.inputs.length > 1 || attributeOf(node, 'axes') !== undefined;
  const withAxes = listedAlready
    ? node
    : { ...node, inputs: [node.inputs[0]!, listed(known, `${node.name}/axes`, all)] };
  return listAsInput('axes')(
    { ...withAxes, attributes: withAxes.attributes.filter(({ name }) => name !== 'noop_with_empty_axes') },
    known,
  );
};

const withOwnAttributes = (node: ForeignNode): GraphNode => ({
  ...node,
  attributes: decodeAttributes(node.attributes, node.op),
});

/**
 * Conversions from other operator sets and exporters to the operator table, one per operator. Operators
 * without a conversion must be in the table.
 */
export const conversions: Readonly<Record<string, Conversion>> = {
  Constant(node, known) {
    const value = attributeOf(node, 'value')?.t;
    const [number, numbers] = [attributeOf(node, 'value_int')?.i, attributeOf(node, 'value_ints')?.ints];
    const [float] = [attributeOf(node, 'value_float')?.f];
    if (value !== undefined)
      known.addConstant(node.outputs[0]!, decodeTensor({ ...value, name: node.outputs[0]! }, known.where));
    else if (number !== undefined) known.addConstant(node.outputs[0]!, int64([], [number]));
    else if (numbers !== undefined) known.addConstant(node.outputs[0]!, int64([numbers.length], numbers));
    else if (float !== undefined)
      known.addConstant(node.outputs[0]!, { dtype: 'float32', shape: [], data: Float32Array.of(float) });
    else invalid(known.where, `node ${node.name} is a constant without a value that is understood`);
    return [];
  },
  ConstantOfShape(node, known) {
    const value = attributeOf(node, 'value')?.t;
    const fill =
      value === undefined
        ? ({ dtype: 'float32', shape: [1], data: new Float32Array(1) } satisfies Tensor)
        : decodeTensor({ ...value, name: node.name }, known.where);
    return [
      {
        ...node,
        op: 'Expand',
        inputs: [known.addConstant(`${node.name}/value`, fill), node.inputs[0]!],
        attributes: {},
      },
    ];
  },
  Range: (node) => [{ ...node, attributes: {} }],
  Dropout: (node) => [
    {
      ...node,
      op: 'Identity',
      inputs: node.inputs.slice(0, 1),
      outputs: node.outputs.slice(0, 1),
      attributes: {},
    },
  ],
  Flatten(node, known) {
    const { shape } = known.typeOf(node.inputs[0]!);
    const axis = attributeOf(node, 'axis')?.i ?? 1;
    const size = (dims: ValueType['shape']): number =>
      dims.reduce<number>((product, dim) => product * Number(dim), 1);
    const sizes = listed(known, `${node.name}/sizes`, [size(shape.slice(0, axis)), size(shape.slice(axis))]);
    return [{ ...node, op: 'Reshape', inputs: [node.inputs[0]!, sizes], attributes: {} }];
  },
  Reshape: (node) => [{ ...node, attributes: {} }], // allowzero has an effect only if a length is 0
  Slice(node, known) {
    const [x, starts, ends, axes, steps] = node.inputs as readonly [string, string, string, string?, string?];
    const step = steps === undefined || steps === '' ? undefined : known.constantOf(steps);
    if (
      steps !== undefined &&
      steps !== '' &&
      !(step !== undefined && Array.from(step.data, Number).every((each) => each === 1))
    )
      invalid(known.where, `node ${node.name} slices in steps other than 1`);
    const count = known.typeOf(starts).shape[0] as number;
    const along =
      axes === undefined || axes === ''
        ? listed(
            known,
            `${node.name}/axes`,
            Array.from({ length: count }, (_, axis) => axis),
          )
        : axes;
    return [{ ...node, inputs: [x, starts, ends, along], attributes: {} }];
  },
  Gather(node, known) {
    const [x, indices] = node.inputs as readonly [string, string];
    const index = known.constantOf(indices);
    // a single row of a computed value, such as the first token: Slice is differentiable along every axis
    if (known.constantOf(x) !== undefined || known.typeOf(x).dtype !== 'float32' || index?.shape.length !== 0)
      return [withOwnAttributes(node)];
    const axis = attributeOf(node, 'axis')?.i ?? 0;
    const { shape } = known.typeOf(x);
    const at = Number(index.data[0]);
    const from = at < 0 ? at + Number(shape[axis < 0 ? axis + shape.length : axis]) : at;
    const places = [from, from + 1, axis].map((place, i) =>
      listed(known, `${node.name}/${['start', 'end', 'axis'][i]}`, [place]),
    );
    const row = `${node.name}/row`;
    return [
      { op: 'Slice', name: row, inputs: [x, ...places], outputs: [row], attributes: {} },
      { ...node, op: 'Squeeze', inputs: [row, places[2]!], attributes: {} },
    ];
  },
  Unsqueeze: listAsInput('axes'),
  Squeeze: listAsInput('axes'),
  Split: listAsInput('split'),
  ReduceMean: axesAsInput,
  ReduceSum: axesAsInput,
  ReduceMax: axesAsInput,
  LayerNormalization: (node) => [
    {
      ...node,
      attributes: decodeAttributes(
        node.attributes.filter(({ name }) => name !== 'stash_type'),
        node.op,
      ),
      outputs: [node.outputs[0]!, `${node.name}/mean`, `${node.name}/deviation`],
    },
  ],
  Gelu: (node) => [{ ...node, attributes: {} }],
};

const longestRange = 2 ** 20;

/** Operators that are evaluated during import and never become nodes. */
export const foldOnly: Readonly<
  Record<
    string,
    (
      inputs: readonly (ReferenceArray | undefined)[],
      attributes: Attributes,
      outputs: number,
    ) => readonly ReferenceArray[]
  >
> = {
  Range: ([start, limit, delta]) => {
    const count = Math.max(0, Math.ceil((limit!.data[0]! - start!.data[0]!) / delta!.data[0]!));
    if (!(count <= longestRange))
      refuse('Range', `must count to a length of at most ${longestRange}. Got ${count} instead.`);
    return [referenceArray(start!.dtype, [count], (i) => start!.data[0]! + i * delta!.data[0]!)];
  },
};
