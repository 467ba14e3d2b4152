import { readdirSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { describe, expect, test } from 'vitest'
import { chartFiles } from '../../helm/values/files/chart-files.ts'

const CHART = new URL('../../helm/leasegate/', import.meta.url)

describe('chartFiles', () => {
  const given = chartFiles.map(({ file, make }) => ({ name: file.pathname.slice(CHART.pathname.length), file, make }))

  test.each(given)('$name is as npm run chart would write it', async ({ file, make }) => {
    const written = await readFile(file, 'utf8')
    expect(await make(written)).toBe(written)
  })

  test('are all dashboards that there are: one that is gone leaves no copy', () => {
    const made = given.filter(({ name }) => name.startsWith('dashboards/')).map(({ name }) => name.split('/')[1])
    expect(readdirSync(new URL('dashboards/', CHART)).sort()).toEqual(made.sort())
  })
})
