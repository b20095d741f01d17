/** One figure of a benchmark. Where it has a goal, `met` says whether it holds. */
export interface Figure {
  name: string;
  value: number;
  unit: string;
  goal?: string;
  met?: boolean;
}

/** What stands side by side for one subject. */
export type BenchmarkRow = Readonly<Record<string, string | number>>;

export interface BenchmarkResult {
  benchmark: string;
  /** What was measured, and against what. */
  about: string;
  runs: number;
  /** By subject. */
  rows?: Readonly<Record<string, BenchmarkRow>>;
  figures: Figure[];
}

export type Benchmark = () => Promise<BenchmarkResult>;

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}

export function rounded(value: number, digits = 2): number {
  return Number(value.toFixed(digits));
}
