import { defineConfig } from 'vitest/config'

/** Apart from the other tests of a node, which share one: there is one at a time, and here each test begins and ends its own. */
export default defineConfig({
  test: {
    name: 'node-ends',
    include: ['test/node/ends/**/*.test.ts'],
    // Above what the tests wait for themselves, which follows the machine's load.
    testTimeout: 3_600_000,
    hookTimeout: 180_000,
    pool: 'forks',
    fileParallelism: false,
  },
})
