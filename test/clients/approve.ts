import { answer } from '../../local/story/answer.ts'
import type { TestEdition } from '../e2e/an-edition.ts'
import { until } from '../support/until.ts'

/** Says yes to what is asked under the lease. */
export async function approve({ stage, leasegate }: TestEdition, lease: string, withinMs: number): Promise<void> {
  let asked = ''
  await until(
    'a question to an approver',
    async () => {
      const { stdout } = await leasegate('approver', 'approvals', '-o', 'json')
      const open = JSON.parse(stdout || '[]') as readonly { readonly id: string; readonly lease: string }[]
      asked = open.find(each => each.lease === lease)?.id ?? ''
      return asked !== ''
    },
    withinMs,
  )
  const { code, stderr } = await answer(stage, 'approver', 'approve', asked)
  if (code !== 0) throw new Error(stderr)
}
