// Stands in for the worker in tests: says that it is ready, ends when its standard input does or on SIGTERM.
console.log(
  JSON.stringify({ ready: true, temporal: process.env.TEMPORAL_ADDRESS, home: process.env.OVERTURE_HOME }),
);
process.stdin.resume().on('end', () => process.exit(0));
process.on('SIGTERM', () => process.exit(0));
setInterval(() => undefined, 60_000);
