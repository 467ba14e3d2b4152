import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { Values } from '../../../helm/values/value.ts'
import { VALUES } from '../../../helm/values/values.ts'
import { CHART } from './a-chart.ts'

function leavesOf(values: Values, before = ''): readonly string[] {
  return Object.entries(values).flatMap(([key, value]) =>
    value.kind === 'group' ? leavesOf(value.values, `${before}${key}.`) : [`${before}${key}`],
  )
}

async function textsIn(folder: string): Promise<readonly string[]> {
  const files = (await readdir(join(CHART, folder), { recursive: true })).filter(name => /\.(yaml|tpl|txt)$/.test(name))
  return Promise.all(files.map(name => readFile(join(CHART, folder, name), 'utf8')))
}

test('each value is read by a template: none is there for its description alone', async () => {
  // Asked by Helm itself, of the parent chart.
  const byHelm = ['enabled']
  const text = [...(await textsIn('templates')), ...(await textsIn('files'))].join('\n')
  const leaves = leavesOf(VALUES)
  expect(leaves.length).toBeGreaterThan(200)
  const isRead = (path: string) => new RegExp(`[."]${path.split('.').at(-1)}\\b`).test(text)
  expect(leaves.filter(path => !byHelm.includes(path) && !isRead(path))).toEqual([])
})
