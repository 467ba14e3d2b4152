import { join } from 'node:path'
import { defineConfig } from 'vitest/config'

/** Apart from the others: it starts a node before its first test, which would run beside all of theirs. */
export default defineConfig({
  test: {
    name: 'node',
    include: ['test/node/**/*.test.ts'],
    globalSetup: join(import.meta.dirname, 'setup.ts'),
    testTimeout: 180_000,
    hookTimeout: 180_000,
    expect: { poll: { timeout: 60_000 } },
    pool: 'forks',
    // They share the node.
    fileParallelism: false,
  },
})
