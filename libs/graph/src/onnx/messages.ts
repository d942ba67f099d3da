import protobuf from 'protobufjs/light.js';

/**
 * The parts of ONNX's protobuf messages (proto2) that this library reads and writes. Field numbers are from
 * https://github.com/onnx/onnx/blob/main/onnx/onnx.proto. Other fields are skipped.
 */
const field = (id: number, type: string, rule?: 'repeated'): protobuf.IField => ({
  id,
  type,
  ...(rule && { rule }),
});

const root = protobuf.Root.fromJSON({
  nested: {
    Model: {
      fields: {
        irVersion: field(1, 'int64'),
        producerName: field(2, 'string'),
        graph: field(7, 'Graph'),
        opsetImport: field(8, 'OperatorSet', 'repeated'),
      },
    },
    OperatorSet: { fields: { domain: field(1, 'string'), version: field(2, 'int64') } },
    Graph: {
      fields: {
        node: field(1, 'Node', 'repeated'),
        name: field(2, 'string'),
        initializer: field(5, 'Tensor', 'repeated'),
        input: field(11, 'ValueInfo', 'repeated'),
        output: field(12, 'ValueInfo', 'repeated'),
      },
    },
    Node: {
      fields: {
        input: field(1, 'string', 'repeated'),
        output: field(2, 'string', 'repeated'),
        name: field(3, 'string'),
        opType: field(4, 'string'),
        attribute: field(5, 'Attribute', 'repeated'),
        domain: field(7, 'string'),
      },
    },
    Attribute: {
      fields: {
        name: field(1, 'string'),
        f: field(2, 'float'),
        i: field(3, 'int64'),
        s: field(4, 'bytes'),
        t: field(5, 'Tensor'),
        floats: { id: 7, type: 'float', rule: 'repeated', options: { packed: false } },
        ints: { id: 8, type: 'int64', rule: 'repeated', options: { packed: false } },
        type: field(20, 'int32'),
      },
    },
    Tensor: {
      fields: {
        dims: { id: 1, type: 'int64', rule: 'repeated', options: { packed: false } },
        dataType: field(2, 'int32'),
        floatData: { id: 4, type: 'float', rule: 'repeated', options: { packed: true } },
        int32Data: { id: 5, type: 'int32', rule: 'repeated', options: { packed: true } },
        int64Data: { id: 7, type: 'int64', rule: 'repeated', options: { packed: true } },
        name: field(8, 'string'),
        rawData: field(9, 'bytes'),
        dataLocation: field(14, 'int32'),
      },
    },
    ValueInfo: {
      fields: { name: field(1, 'string'), type: field(2, 'Type'), docString: field(3, 'string') },
    },
    Type: { fields: { tensorType: field(1, 'TensorType') } },
    TensorType: { fields: { elemType: field(1, 'int32'), shape: field(2, 'Shape') } },
    Shape: { fields: { dim: field(1, 'Dimension', 'repeated') } },
    Dimension: { fields: { dimValue: field(1, 'int64'), dimParam: field(2, 'string') } },
  },
});

/** AttributeProto.AttributeType */
export const attributeTypes = { float: 1, int: 2, string: 3, floats: 6, ints: 7 } as const;

/** The message of a whole file. */
export const modelMessage: protobuf.Type = root.lookupType('Model');
