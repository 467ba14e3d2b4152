import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { LONGEST } from '../../../local/testing/slow-first.ts'

test('each file that begins first is there, once', () => {
  const there = LONGEST.filter(file => existsSync(join(import.meta.dirname, '../../..', file)))
  expect(there).toEqual([...new Set(LONGEST)])
})
