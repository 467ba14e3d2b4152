import { allowed, lease, nothingRests } from './chapters/access.ts'
import { atTheConsole } from './chapters/console.ts'
import { proof } from './chapters/proof.ts'
import { ledger, record, session } from './chapters/record.ts'
import { approval, denied, ended } from './chapters/refusals.ts'
import type { Chapter, Plot, Stage } from './stage.ts'

/** Where there is a console, it is told after what the terminal does. */
export const STORY_WITH_CONSOLE: readonly Chapter[] = [
  nothingRests,
  lease,
  allowed,
  denied,
  approval,
  atTheConsole,
  ended,
  record,
  session,
  ledger,
  proof,
]

/** The whole story in order. Every chapter checks what it claims. */
export const STORY: readonly Chapter[] = [nothingRests, lease, allowed, denied, approval, ended, record, proof]

/** Everything that needs nothing but what people and agents have: no platform engineer's files. */
export const STORY_WITHOUT_FILES: readonly Chapter[] = STORY.filter(chapter => chapter !== proof)

export async function tellStory(stage: Stage, chapters = STORY): Promise<void> {
  const plot: Plot = { lease: '', oldToken: '' }
  for (const chapter of chapters) {
    stage.transcript.chapter(chapter.title)
    await chapter.play(stage, plot)
  }
}
