import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { component } from '../../../helm/values/component.ts'
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

/** Read by one template for all that have them, which it is given by `dict`: there is no name of whose they are beside theirs. */
const FOR_ALL = new Set([
  ...Object.keys(component('', { replicas: 1, resources: {}, graceSeconds: 1, minReadySeconds: 1 }).values),
  ...['username', 'userKey', 'passwordKey'],
])

test('each value is read by a template: none is there for its description alone', async () => {
  // Asked by Helm itself, of the parent chart; by the name of the certificate.
  const others = ['enabled', 'tls.existingSecrets.server']
  const texts = [...(await textsIn('templates')), ...(await textsIn('files'))]
  const leaves = leavesOf(VALUES)
  expect(leaves.length).toBeGreaterThan(200)
  const names = (text: string, key: string) => new RegExp(`[."]${key}\\b`).test(text)
  const isRead = (path: string) => {
    const [key = '', group = key] = path.split('.').toReversed()
    return texts.some(text => names(text, key) && (FOR_ALL.has(key) || names(text, group)))
  }
  expect(leaves.filter(path => !others.includes(path) && !isRead(path))).toEqual([])
})
