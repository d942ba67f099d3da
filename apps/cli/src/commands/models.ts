import { resolve } from 'node:path';
import { stat } from 'node:fs/promises';
import { AppError, shortDigest } from '@overture/core';
import { readJson, type ArtifactStore } from '@overture/artifacts';
import type { ModelVersion, Promotion } from '@overture/registry';
import type { CliContext } from '../context.ts';
import { instant } from '../output/format.ts';
import { table } from '../output/table.ts';
import { withRegistry } from '../with-registry.ts';

/** `overture models ls`. */
export async function listModels({ terminal, ...context }: CliContext): Promise<void> {
  const models = await withRegistry({ terminal, ...context }, ({ registry }) => registry.listModels());
  if (terminal.json) return terminal.printJson(models);
  const versions = models.flatMap((model) => model.versions);
  if (versions.length === 0)
    return terminal.print('No models yet. "overture demo" or "overture train" makes the first one.');
  const rows = versions.map(({ model, version, aliases, bundle, createdAt, run }) => [
    `${model}@${version}`,
    aliases.join(', '),
    shortDigest(bundle.digest),
    instant(createdAt),
    run?.split('/')[0] ?? '',
  ]);
  terminal.print(table(['model', 'aliases', 'bundle', 'registered', 'run'], rows));
}

/** `overture models show MODEL`. */
export async function showModel(context: CliContext, reference: string): Promise<void> {
  const { terminal } = context;
  await withRegistry(context, async ({ registry, artifacts }) => {
    const version = await registry.getModel(reference);
    const manifest = await bundleManifestOf(artifacts, version);
    const promotions = await registry.promotionsOf(version.model);
    if (terminal.json) return terminal.printJson({ ...version, manifest, promotions });
    const facts = [
      ['model', `${version.model}@${version.version}`],
      ['aliases', version.aliases.join(', ') || '–'],
      ['bundle', `${version.bundle.digest}  (${version.bundle.bytes} bytes)`],
      ['report', version.report?.digest ?? '–'],
      ['run', version.run ?? '–'],
      ['registered', instant(version.createdAt)],
      ...promotions.map((each) => [each.approved ? 'promoted' : 'not promoted', promotionText(each)]),
      ...Object.entries(manifest).map(([key, value]) => [
        key,
        typeof value === 'string' ? value : JSON.stringify(value),
      ]),
    ];
    terminal.print(table(['', ''], facts).trimStart());
  });
}

/** For example: `@3 to champion in place of @2, by Ada: "better", 2026-11-24 06:10:11 UTC`. */
function promotionText({ version, alias, previous, decidedBy, by, reason, decidedAt }: Promotion): string {
  const who = decidedBy === 'rule' ? 'the rule' : (by ?? 'a person');
  return `@${version} to ${alias}${previous === null ? '' : ` in place of @${previous}`}, by ${who}${reason === null ? '' : `: "${reason}"`}, ${instant(decidedAt)}`;
}

/** `overture models export MODEL --to FOLDER`. */
export async function exportModel(
  context: CliContext,
  reference: string,
  options: { readonly to: string },
): Promise<void> {
  const { terminal } = context;
  const folder = resolve(context.cwd, options.to);
  if (
    await stat(folder).then(
      () => true,
      () => false,
    )
  ) {
    throw new AppError(
      'EXPORT_TARGET_EXISTS',
      `--to must name a folder that does not exist yet. ${folder} does; nothing was written.`,
      {
        details: { folder },
      },
    );
  }
  await withRegistry(context, async ({ registry, artifacts }) => {
    const version = await registry.getModel(reference);
    await artifacts.materialize(version.bundle, folder);
    if (terminal.json)
      terminal.printJson({
        model: version.model,
        version: version.version,
        digest: version.bundle.digest,
        folder,
      });
    else terminal.print(`${version.model}@${version.version} is in ${folder}`);
  });
}

async function bundleManifestOf(
  artifacts: ArtifactStore,
  { bundle }: ModelVersion,
): Promise<Record<string, unknown>> {
  const file = (await artifacts.listTree(bundle)).get('overture.json');
  // Shown as stored; the predictor validates it.
  return file ? readJson(artifacts, file, { parse: (value) => value as Record<string, unknown> }) : {};
}
