import { existsSync } from 'node:fs'
import { beforeAll, describe, expect, test } from 'vitest'
import { CHART, RELEASE } from '../../local/node/product/release.ts'
import { NOT_TRIED } from '../../local/testing/count-results.ts'
import { ensureCrds } from '../helm/crds.ts'
import { until } from '../support/until.ts'
import { asked, HERE, PARTS, ready } from './faults/parts.ts'
import { NAMESPACE, PROGRAM, type Prometheus, startPrometheus } from './prometheus/prometheus.ts'
import { theNode, theProduct } from './the-node.ts'

const isThere = existsSync(PROGRAM)
const suite = 'what Prometheus sees of a release'

if (isThere) {
  describe(suite, () => {
    const node = theNode()
    const product = theProduct()
    let prometheus: Prometheus

    beforeAll(async () => {
      await asked(node, ['apply', '--server-side', '-f', await ensureCrds(() => undefined)])
      await asked(node, ['create', 'namespace', NAMESPACE])
      const its = `networkPolicy.monitoringNamespaceSelector.matchLabels.kubernetes\\.io/metadata\\.name=${NAMESPACE}`
      const wanted = ['metrics.serviceMonitor.enabled=true', 'metrics.serviceMonitor.interval=2s', its]
      const set = [...wanted, 'metrics.prometheusRule.enabled=true'].flatMap(each => ['--set', each])
      const values = ['--values', product.valuesFile, ...set]
      const upgraded = await product.helm(['upgrade', RELEASE, CHART, ...values, '--wait', '--timeout', '240s'])
      if (upgraded.code !== 0) throw new Error(upgraded.stderr)
      prometheus = await startPrometheus(node)
    }, 400_000)

    test('are all parts, each by its monitor', async () => {
      const jobs = PARTS.map(part => `${RELEASE}-${part}`)
      const seen = async () =>
        (await prometheus.targets()).map(({ labels, health, lastError }) => `${labels['job']} ${health}${lastError}`)
      await until(
        'all targets',
        async () => (await seen()).every(target => target.endsWith(' up')) && (await seen()).length >= jobs.length,
        60_000,
      )
      expect((await seen()).sort()).toEqual(jobs.map(job => `${job} up`).sort())
    }, 90_000)

    test('gives no alarm while all is well, and waits with none', async () => {
      const alerts = async () => Object.keys(await prometheus.alerts())
      await until('silence', async () => (await alerts()).length === 0, 60_000).catch(() => undefined)
      expect(await alerts()).toEqual([])
    }, 90_000)

    test('gives the alarm that there is no authorizer, and takes it back', async () => {
      const scale = (to: number) =>
        asked(node, ['scale', `deployment/${RELEASE}-authorizer`, ...HERE, `--replicas=${to}`])
      const fires = async () => (await prometheus.alerts())['LeasegateNoAuthorizer'] === 'firing'
      await scale(0)
      try {
        await until('the alarm', fires, 240_000)
      } finally {
        await scale(1)
      }
      await ready(node)
      await until('its end', async () => !(await fires()), 120_000)
    }, 600_000)
  })
} else {
  describe(suite, () => test.skip(`${NOT_TRIED}prometheus`, () => undefined))
}
