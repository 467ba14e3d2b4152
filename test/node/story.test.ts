import { describe, expect, test } from 'vitest'
import { nodeStage } from '../../local/node/product/node-stage.ts'
import type { Finding } from '../../local/story/edition-stage.ts'
import { STORY_WITHOUT_FILES, tellStory } from '../../local/story/story.ts'
import { silentTranscript } from '../../local/story/transcript.ts'
import { theNode, theProduct } from './the-node.ts'

const product = theProduct()

describe('the product on a real node', () => {
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
