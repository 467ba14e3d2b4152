import { type Edition, startEdition } from '../edition/edition.ts'
import { howToGoOn } from '../edition/how-to-go-on.ts'
import { STORY_NAMES } from '../edition/names.ts'
import { assertFree, assertPortsFree } from '../process/ports.ts'
import { editionStage } from '../story/edition-stage.ts'
import { tellStory, WHOLE_STORY } from '../story/story.ts'
import { terminalTranscript } from '../story/transcript.ts'
import { ensureToolchain, type Toolchain } from '../toolchain/toolchain.ts'
import type { Choices, Common } from './choices.ts'
import { INTERRUPTED, type Session, session } from './session.ts'

const say = (line: string): boolean => process.stdout.write(`${line}\n`)

/** Starts a cluster and everything in front of it, tells the story, and stays up unless `once`. */
export async function playStory({ once, common }: Choices & { readonly kind: 'story' }): Promise<number> {
  await assertPortsFree(common)
  await assertFree(common.signInPort, 'sign-in', '--sign-in-port')
  return session({ keep: common.keep, say }, async running => {
    const toolchain = await ensureToolchain(say)
    const told = await Promise.race([tell(toolchain, common, running), running.interrupted])
    if (told === null) return { code: INTERRUPTED, wentWell: true }
    const wentWell = told.failed === 0
    say(wentWell ? '\nEvery step went as it should.' : `\n${told.failed} steps did not go as they should.`)
    if (once) return { code: wentWell ? 0 : 1, wentWell }
    say(await howToGoOn(told.edition))
    await running.interrupted
    return { code: 0, wentWell }
  })
}

/** The number of steps that did not go as they should. */
async function tell(
  toolchain: Toolchain,
  { boundaryPort, brokerPort, signInPort, clickhouseUrl }: Common,
  { directory, supervisor }: Session,
): Promise<{ readonly edition: Edition; readonly failed: number }> {
  const parts = { toolchain, directory, supervisor, boundaryPort, brokerPort, signInPort, clickhouseUrl, report: say }
  const edition = await startEdition({ ...parts, names: STORY_NAMES, clientCertificates: true })
  let failed = 0
  const transcript = terminalTranscript(process.stdout)
  const stage = editionStage(edition, toolchain.kubectl, transcript, ({ ok }) => {
    if (!ok) failed += 1
  })
  await tellStory(stage, WHOLE_STORY)
  return { edition, failed }
}
