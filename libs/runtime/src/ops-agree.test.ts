import { evaluate } from '@overture/graph';
import { forwardGraph, gradientGraph, opTable, type CaseGraph } from '@overture/graph/testing';
import { describe, expect, it } from 'vitest';
import { openRuntime } from './runtime.ts';

const runtime = openRuntime({ threads: 1 });

/** Compares onnxruntime with the definitions, element by element, relative to the largest element. */
async function expectAgreement({ graph, feeds }: CaseGraph, tolerance = 1e-5): Promise<void> {
  await using session = await runtime.load(graph);
  const got = await session.run(feeds);
  for (const [name, expected] of Object.entries(evaluate(graph, feeds))) {
    expect({ dtype: got[name].dtype, shape: got[name].shape }, name).toEqual({
      dtype: expected.dtype,
      shape: expected.shape,
    });
    const wanted = Array.from(expected.data, Number);
    const scale = Math.max(1e-6, ...wanted.filter(Number.isFinite).map(Math.abs));
    Array.from(got[name].data, Number).forEach((value, i) => {
      const same =
        Object.is(value, wanted[i]) ||
        value === wanted[i] ||
        Math.abs(value - wanted[i]) <= tolerance * scale;
      expect(same, `${name}[${i}]: ${value} from onnxruntime, ${wanted[i]} by definition`).toBe(true);
    });
  }
}

describe.each(opTable.map((row) => [row.name, row] as const))('%s in onnxruntime', (_, row) => {
  it.each(row.cases.map((opCase) => [opCase.name, opCase] as const))(
    '%s: forward as defined',
    async (__, opCase) => {
      await expectAgreement(forwardGraph(opCase), opCase.tolerance);
    },
  );

  const differentiable = row.cases.flatMap((opCase) => {
    const graph = gradientGraph(opCase);
    return graph === undefined ? [] : [[opCase.name, graph] as const];
  });
  if (differentiable.length > 0) {
    it.each(differentiable)('%s: gradient as defined', async (__, graph) => {
      await expectAgreement(graph, 1e-4);
    });
  }
});
