import { describe, expect, test } from 'vitest'
import { nodeStage } from '../../local/node/product/node-stage.ts'
import { RELEASE } from '../../local/node/product/release.ts'
import type { Finding } from '../../local/story/edition-stage.ts'
import { STORY_WITHOUT_FILES, tellStory } from '../../local/story/story.ts'
import { silentTranscript } from '../../local/story/transcript.ts'
import { theNode, theProduct } from './the-node.ts'

const product = theProduct()

describe('a release on a real node', () => {
  test('is found in order by its own test', async () => {
    const { code, stdout } = await product.helm(['test', RELEASE, '--timeout', '240s'])
    expect(stdout).not.toMatch(/Phase:\s+Failed/)
    expect(code).toBe(0)
  }, 300_000)

  test("tells the story from an agent's pod", async () => {
    const findings: Finding[] = []
    await tellStory(
      nodeStage(theNode(), product, silentTranscript, each => void findings.push(each)),
      STORY_WITHOUT_FILES,
    )
    expect(findings.filter(({ ok }) => !ok)).toEqual([])
    expect(findings.length).toBeGreaterThan(30)
  }, 600_000)
})
