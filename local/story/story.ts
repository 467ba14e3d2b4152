import { allowed, lease, nothingRests } from './chapters/access.ts'
import { bound } from './chapters/bound.ts'
import { atTheConsole } from './chapters/console.ts'
import { killSwitch } from './chapters/kill-switch.ts'
import { narrower } from './chapters/narrower.ts'
import { proof } from './chapters/proof.ts'
import { ledger, record, session } from './chapters/record.ts'
import { approval, denied, ended } from './chapters/refusals.ts'
import type { Chapter, Plot, Stage } from './stage.ts'

/** Where there is a console and clients are asked for certificates; it is told after what the terminal does. */
export const WHOLE_STORY: readonly Chapter[] = [
  nothingRests,
  lease,
  allowed,
  denied,
  narrower,
  bound,
  approval,
  atTheConsole,
  ended,
  killSwitch,
  record,
  session,
  ledger,
  proof,
]

const LOCAL_ALONE: ReadonlySet<Chapter> = new Set([bound, atTheConsole, session, ledger])

/** The whole story in order. Every chapter checks what it claims. */
export const STORY: readonly Chapter[] = WHOLE_STORY.filter(chapter => !LOCAL_ALONE.has(chapter))

/** Everything that needs nothing but what people and agents have: no platform engineer's files. */
export const STORY_WITHOUT_FILES: readonly Chapter[] = STORY.filter(chapter => chapter !== proof)

export async function tellStory(stage: Stage, chapters = STORY): Promise<void> {
  const plot: Plot = { lease: '', child: '', oldToken: '' }
  for (const chapter of chapters) {
    stage.transcript.chapter(chapter.title)
    await chapter.play(stage, plot)
  }
}
