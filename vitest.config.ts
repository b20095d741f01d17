import { defineConfig } from 'vitest/config';

// onnxruntime-node cannot be loaded twice from worker threads of one process, so tests run in forks.
export default defineConfig({
  test: {
    pool: 'forks',
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          include: ['test/**/*.test.ts'],
          exclude: ['test/audio/**', 'test/e2e/**'],
          setupFiles: ['test/support/property-seed.ts'],
          // A promise that hangs fails; a machine that is busy does not.
          testTimeout: 60_000,
        },
      },
      {
        extends: true,
        test: {
          name: 'audio',
          include: ['test/audio/**/*.test.ts'],
          // Real-time calls share two cores: one file at a time, or they slow each other down.
          fileParallelism: false,
          testTimeout: 180_000,
        },
      },
      {
        extends: true,
        test: {
          name: 'e2e',
          include: ['test/e2e/**/*.test.ts'],
          fileParallelism: false,
          testTimeout: 120_000,
        },
      },
    ],
  },
});
