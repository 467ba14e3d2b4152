import { cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { stringify } from 'yaml'
import { CHART, containersIn, helm, objectsIn, podsIn, valuesOf } from './a-chart.ts'

describe('as a part of another chart', () => {
  let parent: string

  beforeAll(async () => {
    parent = await mkdtemp(join(tmpdir(), 'leasegate-parent-'))
    await mkdir(join(parent, 'charts'))
    await cp(CHART, join(parent, 'charts/leasegate'), { recursive: true })
    const dependencies = [{ name: 'leasegate', version: '*', repository: '', condition: 'leasegate.enabled' }]
    const chart = { apiVersion: 'v2', name: 'platform', version: '1.0.0', dependencies }
    await writeFile(join(parent, 'Chart.yaml'), stringify(chart))
  })
  afterAll(() => rm(parent, { recursive: true, force: true }))

  const rendered = async (enabled: boolean) => {
    const global = {
      imageRegistry: 'registry.corp.example',
      imagePullSecrets: [{ name: 'mirror' }],
      another: { chart: 1 },
    }
    const values = { global, leasegate: { ...(await valuesOf('minimal')), enabled } }
    const { code, stdout, stderr } = await helm(['template', 'p', parent, '--namespace', 'platform'], values)
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    return objectsIn(stdout)
  }

  test('it takes what all parts are told, and leaves alone what it does not know of it', async () => {
    const pods = podsIn(await rendered(true))
    expect(pods.length).toBeGreaterThan(4)
    for (const { spec } of pods) {
      expect(spec.imagePullSecrets).toEqual([{ name: 'mirror' }])
      for (const { image } of containersIn(spec)) expect(image).toMatch(/^registry\.corp\.example\//)
    }
  })

  test('it can be switched off', async () => {
    expect(await rendered(false)).toEqual([])
  })
})
