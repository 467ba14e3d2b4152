import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { lintEnvoy } from '../../../envoy/lint/lint.ts'
import { editionStage, type Finding } from '../../../local/story/edition-stage.ts'
import { tellStory } from '../../../local/story/story.ts'
import { silentTranscript } from '../../../local/story/transcript.ts'
import { until } from '../../support/until.ts'
import { aChartEdition, type ChartEdition } from './a-chart-edition.ts'
import { helmTest } from './helm-test.ts'

let playing: ChartEdition

const stage = (onFinding: (finding: Finding) => void = () => undefined) =>
  editionStage(playing, playing.node.toolchain.kubectl, silentTranscript, onFinding)

beforeAll(async () => {
  playing = await aChartEdition()
}, 600_000)
afterAll(() => playing?.stop())

describe('what helm install leaves', () => {
  test("is an Envoy that keeps the boundary's promises", () => {
    expect(lintEnvoy(playing.envoyConfig)).toEqual([])
  })

  test('is found in order by the doctor of helm test', async () => {
    const said = await helmTest(playing.node)
    expect(said).toMatch(/\nno finding\n$/)
    expect(said.match(/^✓ .*$/gm)).toHaveLength(10)
  })

  test('tells the whole story', async () => {
    const findings: Finding[] = []
    await tellStory(stage(each => void findings.push(each)))
    expect(findings.filter(({ ok }) => !ok)).toEqual([])
    expect(findings.length).toBeGreaterThan(30)
  }, 180_000)
})

describe('a session through what helm install leaves', () => {
  const exec = (...command: readonly string[]) => {
    const { app, deployment } = playing.names
    return stage().kubectl(['exec', `deployment/${deployment}`, '-n', app, '--', ...command])
  }

  beforeAll(async () => {
    const { leasegate, kubeconfigFile } = stage()
    const wish = ['--template', playing.names.own, '--reason', 'a session', '-o', 'json']
    const { id } = JSON.parse((await leasegate('agent', ['lease', 'request', ...wish])).stdout) as { id: string }
    await leasegate('agent', ['kubeconfig', '--lease', id, '--out', kubeconfigFile])
  })

  test('is on record, and shown to who has its keys', async () => {
    expect(await exec('echo', 'seen by all')).toMatchObject({ code: 0, stdout: 'seen by all\n' })
    let found = ''
    await until('the recording', async () => {
      found = (await stage().leasegate('admin', ['sessions', 'search', 'seen by all', '-o', 'json'])).stdout
      return found.includes('seen by all')
    })
    const agent = await stage().leasegate('agent', ['sessions', 'search', 'seen by all'])
    expect(agent).toMatchObject({ code: 2, stdout: '' })
  })

  test('does not begin while no tap is there, and everything else goes on', async () => {
    await playing.supervisor.end('tap-tap', 'SIGKILL')
    const refused = await exec('echo', 'unseen')
    expect(refused.code).not.toBe(0)
    expect(refused).toMatchObject({ stdout: '', stderr: expect.stringContaining('could not pass on the request') })
    const { app } = playing.names
    expect(await stage().kubectl(['get', 'pods', '-n', app])).toMatchObject({ code: 0 })
  })
})
