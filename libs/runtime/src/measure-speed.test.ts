import { expect, it } from 'vitest';
import { measureSpeed } from './measure-speed.ts';

it('measureSpeed gives what a processor may do: more than a billion operations a second, fewer than a hundred trillion', async () => {
  const speed = await measureSpeed({ threads: 1 });
  expect(speed).toBeGreaterThan(1e9);
  expect(speed).toBeLessThan(1e14);
});
