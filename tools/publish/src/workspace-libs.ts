import { isBuiltin } from 'node:module';
import type { Plugin } from 'esbuild';

/** Takes the workspace's libs into the bundle, only what is used of them; other packages stay imports. */
export function workspaceLibs(): Plugin {
  return {
    name: 'workspace-libs',
    setup(build) {
      build.onResolve({ filter: /.*/ }, async ({ path, kind, importer, resolveDir, pluginData }) => {
        if (kind === 'entry-point' || pluginData === resolving) return undefined;
        if (isBuiltin(path)) return { path: path.startsWith('node:') ? path : `node:${path}`, external: true };
        if (!path.startsWith('.') && !path.startsWith('@overture/')) return { path, external: true };
        const found = await build.resolve(path, { kind, importer, resolveDir, pluginData: resolving });
        return { ...found, sideEffects: false }; // libs only define things when they are loaded
      });
    },
  };
}

const resolving = Symbol('resolving');
