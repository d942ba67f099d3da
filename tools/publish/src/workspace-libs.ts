import { isBuiltin } from 'node:module';
import type { Plugin } from 'esbuild';

/** Bundles the used parts of the workspace's libs; other packages remain imports. */
export function workspaceLibs(): Plugin {
  return {
    name: 'workspace-libs',
    setup(build) {
      build.onResolve({ filter: /.*/ }, async ({ path, kind, importer, resolveDir, pluginData }) => {
        if (kind === 'entry-point' || pluginData === resolving) return undefined;
        if (isBuiltin(path))
          return { path: path.startsWith('node:') ? path : `node:${path}`, external: true };
        if (!path.startsWith('.') && !path.startsWith('@overture/')) return { path, external: true };
        const found = await build.resolve(path, { kind, importer, resolveDir, pluginData: resolving });
        return { ...found, sideEffects: false }; // loading a lib only defines things
      });
    },
  };
}

const resolving = Symbol('resolving');
