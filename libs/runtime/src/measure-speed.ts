import { gemm, graphBuilder } from '@overture/graph';
import { float32 } from '@overture/tensors';
import { openRuntime } from './runtime.ts';

/** About the size of a product in a small encoder's layer: token rows times a square matrix. */
const [rows, width] = [256, 768];

/**
 * Measures this machine's floating-point operations per second in float32 matrix products of typical network
 * sizes. Takes the best of several short measurements, to reduce the influence of other processes. Blocks its
 * thread for about half a second.
 */
export async function measureSpeed({ threads }: { readonly threads: number }): Promise<number> {
  const builder = graphBuilder('speed');
  builder.output(
    'product',
    gemm(builder.input('a', 'float32', [rows, width]), builder.input('b', 'float32', [width, width])),
  );
  const session = await openRuntime({ threads }).load(builder.build());
  const feeds = {
    a: float32([rows, width], new Float32Array(rows * width).fill(0.5)),
    b: float32([width, width], new Float32Array(width * width).fill(0.5)),
  };
  const speeds: number[] = [];
  for (let round = 0; round < 20; round++) {
    const start = performance.now();
    for (let run = 0; run < 3; run++) await session.run(feeds);
    speeds.push((3 * 2 * rows * width * width * 1000) / (performance.now() - start));
  }
  await session.close();
  return Math.max(...speeds);
}
