/** The URL of the module that a worker bundles. Pass `fileURLToPath` of it as `workflowsPath`. */
export const workflowsUrl: string = new URL('./workflows.ts', import.meta.url).href;
