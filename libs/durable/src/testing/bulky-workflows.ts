import { defineStage, pipeline } from '@overture/dag';
import { z } from 'zod';
import { durable } from '../durable.ts';
import { conformanceApplication as application } from './conformance-application.ts';

const common = { version: 1, summary: 'For the test.', queue: 'light' } as const;
const list = defineStage({
  ...common,
  name: 'list',
  input: z.strictObject({ count: z.int() }),
  output: z.object({ items: z.array(z.int()) }),
});
const fill = defineStage({
  ...common,
  name: 'fill',
  input: z.strictObject({ item: z.int() }),
  output: z.object({ text: z.string() }),
});
const finish = defineStage({
  ...common,
  name: 'finish',
  input: z.strictObject({ last: z.string() }),
  output: z.object({ done: z.boolean() }),
});

/** A map whose outputs together are larger than what an execution can pass on. */
export const bulky = durable(
  pipeline('bulky', z.strictObject({ count: z.int() }), ({ count }, run) => {
    const { items } = run(list, { count });
    run.each(items, fill, { as: 'fill', wire: (item) => ({ item }), atMost: 4 });
    return { done: run(finish, { last: 'none' }).done };
  }),
  { application },
);
