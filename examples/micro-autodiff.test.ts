import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import * as graph from '@overture/graph';
import { float32 } from '@overture/tensors';
import { expect, it } from 'vitest';
import { add, constant, evaluate, exp, gradients, input, mul, print, tanh } from './micro-autodiff.ts';

it('gives the derivatives that libs/graph gives, and finite differences', () => {
  const [a, b] = [input('a'), input('b')];
  const loss = add(tanh(mul(a, b)), mul(exp(a), mul(a, constant(0.5)))); // a is used three times
  const feeds = { a: 0.7, b: -1.3 };
  const [da, db] = gradients(loss, [a, b]).map((slope) => evaluate(slope, feeds));

  const builder = graph.graphBuilder('micro');
  const [x, y] = [builder.parameter('a', []), builder.parameter('b', [])];
  const same = graph.add(graph.tanh(graph.mul(x, y)), graph.mul(graph.exp(x), graph.mul(x, 0.5)));
  graph.withGradients(same, [x, y]).forEach((gradient) => {
    if (gradient.kind === 'dense') builder.output(`d${gradient.parameter.name}`, gradient.value);
  });
  const whole = graph.evaluate(builder.build(), { a: float32([], [feeds.a]), b: float32([], [feeds.b]) });
  expect(da).toBeCloseTo(Number(whole['da']!.data[0]), 5);
  expect(db).toBeCloseTo(Number(whole['db']!.data[0]), 5);
  const at = (moved: number): number => evaluate(loss, { ...feeds, a: feeds.a + moved });
  expect(da).toBeCloseTo((at(1e-5) - at(-1e-5)) / 2e-5, 8);
});

it('differentiates what it differentiated', () => {
  const x = input('x');
  const [first] = gradients(mul(x, mul(x, x)), [x]);
  const [second] = gradients(first!, [x]);
  expect(evaluate(second!, { x: 2 })).toBe(12); // 6 x
});

it('runs as a program', () => {
  const { status, stdout } = spawnSync(process.execPath, [join(import.meta.dirname, 'micro-autodiff.ts')], {
    encoding: 'utf8',
  });
  expect(status).toBe(0);
  expect(stdout).toContain('w = 0.2747, loss '); // tanh(2 · 0.2747) = 0.5
  expect(print(mul(input('a'), constant(2)))).toBe('mul(a, 2)');
});
