/** Everything that is written to standard output and error while `work` runs. */
export async function saidAloud(work: () => Promise<void>): Promise<string> {
  const consoleNames = ['log', 'info', 'warn', 'error', 'debug'] as const;
  let printed = '';
  const note = (...values: unknown[]): boolean => {
    printed += values.map(String).join(' ');
    return true;
  };
  const streams = [process.stdout, process.stderr];
  const writes = streams.map((stream) => stream.write);
  const logs = consoleNames.map((name) => console[name]);
  for (const stream of streams) stream.write = note;
  for (const name of consoleNames) console[name] = note;
  try {
    await work();
  } finally {
    for (const [index, stream] of streams.entries()) {
      const write = writes[index];
      if (write !== undefined) stream.write = write;
    }
    for (const [index, name] of consoleNames.entries()) console[name] = logs[index] ?? note;
  }
  return printed;
}
