import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startEdition } from '../../local/edition/edition.ts'
import { randomNames } from '../../local/edition/names.ts'
import { freePort } from '../../local/process/ports.ts'
import { Supervisor } from '../../local/process/supervisor.ts'
import { editionStage, type Finding } from '../../local/story/edition-stage.ts'
import type { Plot, Stage } from '../../local/story/stage.ts'
import { STORY } from '../../local/story/story.ts'
import { silentTranscript } from '../../local/story/transcript.ts'
import { ensureToolchain } from '../../local/toolchain/toolchain.ts'

describe('the story, with names that the product has never heard of', () => {
  const supervisor = new Supervisor()
  const plot: Plot = { lease: '', oldToken: '' }
  let directory: string
  let stage: Stage
  let findings: Finding[] = []

  beforeAll(async () => {
    const toolchain = await ensureToolchain(() => undefined)
    directory = await mkdtemp(join(tmpdir(), 'lg-'))
    const edition = await startEdition({
      toolchain,
      directory,
      supervisor,
      names: randomNames(),
      boundaryPort: await freePort(),
      brokerPort: await freePort(),
      clickhouseUrl: null,
      report: () => undefined,
    })
    stage = editionStage(edition, toolchain.kubectl, silentTranscript, finding => findings.push(finding))
  })

  afterAll(async () => {
    await supervisor.stop()
    await rm(directory, { recursive: true, force: true })
  })

  test.each(STORY)('$title', async chapter => {
    findings = []
    await chapter.play(stage, plot)
    expect(findings.filter(({ ok }) => !ok)).toEqual([])
    expect(findings.length).toBeGreaterThan(0)
  })
})
