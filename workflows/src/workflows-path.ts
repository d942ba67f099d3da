/** The module that a worker bundles: `fileURLToPath` it, and give it as `workflowsPath`. */
export const workflowsUrl: string = new URL('./workflows.ts', import.meta.url).href;
