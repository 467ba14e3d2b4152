import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { z } from 'zod'
import { policySchema } from '../../src/policy/file/schema.ts'
import { namesIn } from '../../src/policy/file/values/names.ts'

const PAGES = ['policy', 'templates', 'identity', 'approvals', 'notices', 'record', 'sessions']

/** Known only to be refused in words. */
const REFUSED = ['namespaceSelector', 'namespaceLabels']

/** Of all objects that the schema knows. */
function keysIn(schema: unknown): readonly string[] {
  if (typeof schema !== 'object' || schema === null) return []
  const own = Object.entries(schema)
  const named = own.flatMap(([key, value]) =>
    key === 'properties' && typeof value === 'object' && value !== null ? Object.keys(value) : [],
  )
  return [...named, ...own.flatMap(([, value]) => keysIn(value))]
}

test('every key of a policy file stands in a page', () => {
  const schema = z.toJSONSchema(policySchema(namesIn({})), { io: 'input', unrepresentable: 'any' })
  const keys = [...new Set(keysIn(schema))]
  const pages = PAGES.map(page => readFileSync(join(import.meta.dirname, `../../docs/${page}.md`), 'utf8')).join('\n')
  const said = (key: string) => new RegExp(`[\`{ .,(\\n]${key}[\`:} .,)\\]]`).test(pages)
  expect(keys.length).toBeGreaterThan(60)
  expect(keys.filter(key => !said(key) && !REFUSED.includes(key))).toEqual([])
})
