import type { Ran } from '../process/run.ts'
import type { Stage, Who } from './stage.ts'

/** Answers as a script does: looks at the question, and answers by the digest of what it saw. */
export async function answer(
  stage: Pick<Stage, 'leasegate'>,
  who: Who,
  verb: 'approve' | 'reject',
  id: string,
): Promise<Ran> {
  const shown = await stage.leasegate(who, ['approvals', id, '-o', 'json'])
  if (shown.code !== 0) return shown
  const { digest } = JSON.parse(shown.stdout) as { readonly digest: string }
  return stage.leasegate(who, [verb, id, '--digest', digest])
}
