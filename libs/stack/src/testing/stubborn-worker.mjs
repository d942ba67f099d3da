// Stands in for a worker whose thread is busy: it is ready, and then neither SIGTERM nor the end of its
// standard input ends it.
console.log(JSON.stringify({ ready: true }));
process.stdin.resume();
for (const signal of ['SIGTERM', 'SIGINT']) process.on(signal, () => undefined);
setInterval(() => undefined, 60_000);
