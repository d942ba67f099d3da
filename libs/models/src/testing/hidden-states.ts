import { evaluate, graphBuilder, type Value } from '@overture/graph';
import { int64, type Tensor } from '@overture/tensors';
import { sequenceClassifier } from '../model.ts';
import { blockTensor, readWeights } from '../model-weights.ts';
import { parameterSource, type Network } from '../network.ts';
import { paddedInputs, paddedLayout } from '../padded-layout.ts';

/**
 * Hidden states of all tokens of texts of equal length, [texts, length, hidden] flattened, with a weights
 * file of any kind.
 */
export async function hiddenStates(
  weightsFile: string,
  network: Network,
  ids: readonly (readonly number[])[],
): Promise<Float32Array> {
  const model = sequenceClassifier(network, { classes: 2 });
  const weights = await readWeights(weightsFile, model, { where: weightsFile, seed: 0 });
  const builder = graphBuilder('states');
  const layout = paddedLayout(builder, {
    tokenTypes: network.tokenTypes,
    positions: network.size.maxPositions,
  });
  const values = new Map<string, Value>(
    network.parameters.map((block) => [
      block.name,
      builder.constant(blockTensor(block, weights), block.name),
    ]),
  );
  builder.output(
    'states',
    layout.perToken(
      network.encode(
        layout,
        parameterSource((name) => values.get(name)),
      ),
    ),
  );
  const shape = [ids.length, ids[0]!.length];
  const fill = (value: number): number[] => new Array<number>(shape[0]! * shape[1]!).fill(value);
  const types: Record<string, Tensor> = network.tokenTypes
    ? { [paddedInputs.tokenTypes]: int64(shape, fill(0)) }
    : {};
  const { states } = evaluate(builder.build(), {
    [paddedInputs.ids]: int64(shape, ids.flat()),
    [paddedInputs.mask]: int64(shape, fill(1)),
    ...types,
  });
  return states!.data as Float32Array;
}

/** The largest absolute difference from the reference, relative to the reference's largest absolute value. */
export function largestDifference(found: Float32Array, expected: readonly number[]): number {
  if (found.length !== expected.length) return Infinity;
  const scale = Math.max(...expected.map(Math.abs));
  return Math.max(...expected.map((value, i) => Math.abs(value - found[i]!))) / scale;
}
