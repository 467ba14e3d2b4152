import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { beforeAll, describe, expect, inject, test } from 'vitest'
import { CHART, RELEASE } from '../../local/node/product/release.ts'
import { until } from '../support/until.ts'
import { asked, HERE, podsOf } from './faults/parts.ts'
import { settled, underLoad } from './load/under-load.ts'
import { startMetricsServer } from './scaling/metrics-server.ts'
import { theNode, theProduct } from './the-node.ts'

const node = theNode()
const product = theProduct()
const LOAD_PER_SECOND = 40
const FEW_PER_SECOND = 2
const WITHIN_MS = 300_000

/** It goes down soon: by itself it waits for five minutes. */
const AUTOSCALED = {
  authorizer: {
    // As the chart has it, for here pods come and go under load.
    minReadySeconds: 35,
    resources: { requests: { cpu: '100m' } },
    autoscaling: {
      enabled: true,
      minReplicas: 1,
      maxReplicas: 3,
      targetCPUUtilizationPercentage: 80,
      behavior: { scaleDown: { stabilizationWindowSeconds: 15 } },
    },
  },
}

const scaler = (path: string) =>
  asked(node, ['get', 'hpa', `${RELEASE}-authorizer`, ...HERE, '-o', `jsonpath={.status.${path}}`])
const running = async () => (await podsOf(node, 'authorizer')).length

describe('authorizers that scale by themselves', () => {
  beforeAll(async () => {
    await startMetricsServer(node)
    const file = join(inject('product').directory, 'autoscaled.yaml')
    await writeFile(file, JSON.stringify(AUTOSCALED))
    const values = ['--values', product.valuesFile, '--values', file]
    const upgraded = await product.helm(['upgrade', RELEASE, CHART, ...values, '--wait', '--timeout', '300s'])
    if (upgraded.code !== 0) throw new Error(upgraded.stderr)
  }, 900_000)

  test('are measured', async () => {
    await until(
      'a measure',
      async () => Number(await scaler('currentMetrics[0].resource.current.averageUtilization')) > 0,
      WITHIN_MS,
    )
    expect(await scaler('conditions[?(@.type=="ScalingActive")].status')).toBe('True')
  }, 330_000)

  test('become more while more is asked, and fail no request', async () => {
    const load = await underLoad(node, product, LOAD_PER_SECOND, () =>
      until('a second one that is ready', async () => Number(await readyOnes()) > 1, WITHIN_MS),
    )
    expect(load.failures).toEqual([])
    expect((await settled(node, product, load)).unknown).toBe(0)
  }, 500_000)

  test('become fewer when little is asked, and fail no request', async () => {
    const load = await underLoad(node, product, FEW_PER_SECOND, () =>
      until('one to be left', async () => (await running()) === 1, WITHIN_MS),
    )
    expect(load.failures).toEqual([])
    expect((await settled(node, product, load)).unknown).toBe(0)
  }, 500_000)
})

function readyOnes(): Promise<string> {
  return asked(node, ['get', 'deployment', `${RELEASE}-authorizer`, ...HERE, '-o', 'jsonpath={.status.readyReplicas}'])
}
