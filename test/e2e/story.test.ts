import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Plot } from '../../local/story/stage.ts'
import { WHOLE_STORY } from '../../local/story/story.ts'
import { anEdition, type TestEdition } from './an-edition.ts'

describe('the story, with names that the product has never heard of', () => {
  const plot: Plot = { lease: '', child: '', oldToken: '' }
  let playing: TestEdition

  beforeAll(async () => {
    playing = await anEdition({ clientCertificates: true })
  })
  afterAll(() => playing.stop())

  test.each(WHOLE_STORY)('$title', async chapter => {
    playing.findings.length = 0
    await chapter.play(playing.stage, plot)
    expect(playing.findings.filter(({ ok }) => !ok)).toEqual([])
    expect(playing.findings.length).toBeGreaterThan(0)
  })
})
