import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { lintEnvoy } from '../../../envoy/lint/lint.ts'
import { editionStage, type Finding } from '../../../local/story/edition-stage.ts'
import { tellStory } from '../../../local/story/story.ts'
import { silentTranscript } from '../../../local/story/transcript.ts'
import { aChartEdition, type ChartEdition } from './a-chart-edition.ts'
import { helmTest } from './helm-test.ts'

let playing: ChartEdition

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
    await tellStory(
      editionStage(playing, playing.node.toolchain.kubectl, silentTranscript, each => void findings.push(each)),
    )
    expect(findings.filter(({ ok }) => !ok)).toEqual([])
    expect(findings.length).toBeGreaterThan(30)
  }, 180_000)
})
