// Preloaded by a test: prints the address of every module that the process loaded to standard error when it
// ends.
import { registerHooks } from 'node:module';

const loaded = [];
registerHooks({
  load(url, context, next) {
    loaded.push(url);
    return next(url, context);
  },
});
process.on('exit', () => process.stderr.write(loaded.map((url) => `loaded ${url}\n`).join('')));
