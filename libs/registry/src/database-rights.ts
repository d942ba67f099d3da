import { AppError } from '@overture/core';
import type pg from 'pg';
import { ledgerOf, migrateCommand, quoted } from './registry-schema.ts';

/** The rights of the connected role that the registry needs. */
export interface DatabaseRights {
  readonly role: string;
  readonly database: string;
  /** The schema of the registry's tables. */
  readonly schema: string;
  readonly createSchemas: boolean;
  /** The schema of the tables and `drizzle`, if they exist, with the role's rights on them. */
  readonly schemas: Readonly<
    Record<string, { readonly usage: boolean; readonly create: boolean } | undefined>
  >;
  /** The table of applied migrations, or null if there is none. */
  readonly ledger: { readonly select: boolean } | null;
  /** Rights on the registry's tables and functions that the role lacks, such as `INSERT on overture.runs`. */
  readonly missing: readonly string[];
  /** A table owned by a role of which this role is not a member, so that it cannot be migrated. */
  readonly foreignTable: { readonly table: string; readonly owner: string } | null;
}

// Reads the catalog, which is open to every role. Functions on names would throw if an object is missing or
// its schema is closed.
const rights = `select current_user as role, current_database() as database, $1::text as schema, has_database_privilege(current_database(), 'CREATE') as "createSchemas",
  (select coalesce(json_object_agg(nspname, json_build_object('usage', has_schema_privilege(oid, 'USAGE'), 'create', has_schema_privilege(oid, 'CREATE'))), '{}')
    from pg_namespace where nspname in ($1, 'drizzle')) as schemas,
  (select json_build_object('select', has_table_privilege(c.oid, 'SELECT')) from pg_class c join pg_namespace n on n.oid = c.relnamespace
    where n.nspname = 'drizzle' and c.relname = $1 and c.relkind = 'r') as ledger,
  (select coalesce(json_agg(lacks order by lacks), '[]') from (
    select wanted || ' on ' || $1 || '.' || c.relname as lacks
      from pg_class c join pg_namespace n on n.oid = c.relnamespace cross join unnest(array['SELECT', 'INSERT', 'UPDATE', 'DELETE']) as wanted
      where n.nspname = $1 and c.relkind = 'r' and not has_table_privilege(c.oid, wanted) and (wanted <> 'DELETE' or c.relname = 'stage_leases')
    union all
    select distinct 'EXECUTE on ' || $1 || '.' || p.proname from pg_proc p join pg_namespace n on n.oid = p.pronamespace
      where n.nspname = $1 and not has_function_privilege(p.oid, 'EXECUTE')
  ) as each) as missing,
  (select json_build_object('table', c.relname, 'owner', pg_get_userbyid(c.relowner)) from pg_class c join pg_namespace n on n.oid = c.relnamespace
    where n.nspname = $1 and c.relkind = 'r' and not pg_has_role(c.relowner, 'USAGE') order by c.relname limit 1) as "foreignTable"`;

/** Queries the rights of the connected role. */
export async function readRights(client: pg.ClientBase, schema: string): Promise<DatabaseRights> {
  const { rows } = await client.query<DatabaseRights>(rights, [schema]);
  return rows[0] as DatabaseRights;
}

/**
 * Checks that the role can use a migrated registry.
 * @throws AppError `REGISTRY_RIGHTS` if it cannot.
 */
export function checkUse(rights: DatabaseRights, label: string): void {
  const { schema, schemas, missing } = rights;
  if (schemas[schema]?.usage === false) throw lacks(rights, label, `USAGE on the schema ${schema}`);
  if (missing.length === 0) return;
  const more = missing.length > 3 ? ` and ${missing.length - 3} more` : '';
  throw lacks(rights, label, `${missing.slice(0, 3).join(', ')}${more}`);
}

/**
 * Checks that the role can read the list of applied migrations.
 * @throws AppError `REGISTRY_RIGHTS` if it cannot.
 */
export function checkLedgerRights(rights: DatabaseRights, label: string): void {
  if (rights.ledger === null) return;
  if (rights.schemas['drizzle']?.usage === false)
    throw lacks(rights, label, 'USAGE on the schema drizzle, which has the list of applied migrations');
  if (!rights.ledger.select)
    throw lacks(rights, label, `SELECT on drizzle.${rights.schema}, the list of applied migrations`);
}

/**
 * Checks that the role can apply migrations.
 * @throws AppError `REGISTRY_RIGHTS` if it cannot.
 */
export function checkMigrate(rights: DatabaseRights, label: string, pending: string): void {
  const missing = migrationRight(rights);
  if (missing === undefined) return;
  const { role, database, schema } = rights;
  throw new AppError(
    'REGISTRY_RIGHTS',
    `The registry in the database ${label} needs ${pending}, for which the role ${quoted(role)} lacks ${missing.right}. ` +
      `The owner of the database runs: ${migrateCommand(schema, role)}${missing.sql === undefined ? '' : ` (or, in SQL: ${missing.sql})`}`,
    { details: { database, role, right: missing.right } },
  );
}

function migrationRight({
  role,
  database,
  schema: ofTables,
  createSchemas,
  schemas,
  foreignTable,
  ledger,
}: DatabaseRights): { readonly right: string; readonly sql?: string } | undefined {
  for (const schema of [ofTables, 'drizzle']) {
    const there = schemas[schema];
    if (there === undefined && !createSchemas) {
      return {
        right: `CREATE on the database to make the schema ${schema}`,
        sql: `create schema ${quoted(schema)} authorization ${quoted(role)}, or grant create on database ${quoted(database)} to ${quoted(role)}`,
      };
    }
    const needsTables = schema === ofTables || ledger === null;
    if (there !== undefined && needsTables && !(there.usage && there.create))
      return {
        right: `CREATE on the schema ${schema}`,
        sql: `grant usage, create on schema ${quoted(schema)} to ${quoted(role)}`,
      };
  }
  return foreignTable === null
    ? undefined
    : {
        right: `ownership of ${ofTables}.${foreignTable.table}, which belongs to ${quoted(foreignTable.owner)}`,
      };
}

function lacks({ role, database, schema }: DatabaseRights, label: string, right: string): AppError {
  return new AppError(
    'REGISTRY_RIGHTS',
    `The role ${quoted(role)} lacks ${right} in the database ${label}. The owner of the database runs: ${migrateCommand(schema, role)} (or, in SQL: ${grants(role, schema).join('; ')})`,
    { details: { database, role, right } },
  );
}

/** The SQL statements that allow a role to use the registry, but not to change its tables. */
export function grants(role: string, schema: string): string[] {
  const [to, of] = [quoted(role), quoted(schema)];
  return [
    `grant usage on schema ${of}, drizzle to ${to}`,
    `grant select, insert, update on all tables in schema ${of} to ${to}`,
    `grant delete on ${of}.stage_leases to ${to}`,
    `grant execute on all functions in schema ${of} to ${to}`,
    `grant select on ${ledgerOf(schema)} to ${to}`,
  ];
}
