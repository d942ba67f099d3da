import { migrateDatabase } from '@overture/registry';
import { openDatabase } from '@overture/stack';
import type { CliContext } from '../context.ts';
import { stackOptions } from '../stack-options.ts';

/** `overture registry migrate`. */
export async function migrate(
  context: CliContext,
  { grant, schema }: { readonly grant: readonly string[]; readonly schema?: string },
): Promise<void> {
  const { terminal, env } = context;
  await using database = await openDatabase(stackOptions(context));
  const { label, role, applied, shipped, ...registry } = await migrateDatabase({
    databaseUrl: database.databaseUrl,
    schema: schema ?? (env['OVERTURE_REGISTRY_SCHEMA'] || undefined),
    env,
    grant,
  });
  if (terminal.json)
    return terminal.printJson({
      database: label,
      schema: registry.schema,
      role,
      applied,
      shipped,
      granted: grant,
    });
  terminal.print(
    applied === 0
      ? `The registry in ${label} is up to date.`
      : `Applied ${applied} of ${shipped} migrations to ${label}.`,
  );
  if (grant.length > 0) terminal.print(`May read and write: ${grant.join(', ')}.`);
}
