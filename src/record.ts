/**
 * Reads a name that came from a file, a model or a caller. Unlike `record[name]` it never finds
 * what every object inherits, such as `constructor`.
 */
export function own<T>(record: Readonly<Record<string, T>>, name: string): T | undefined {
  return Object.hasOwn(record, name) ? record[name] : undefined;
}

/** A copy of `record` without the names for which `drop` is true. */
export function without<T>(
  record: Readonly<Record<string, T>>,
  drop: (name: string) => boolean,
): Record<string, T> {
  return Object.fromEntries(Object.entries(record).filter(([name]) => !drop(name)));
}
