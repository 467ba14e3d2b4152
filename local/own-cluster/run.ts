import { assertPortsFree } from '../process/ports.ts'
import type { Choices } from '../start/choices.ts'
import { INTERRUPTED, session } from '../start/session.ts'
import { ensureToolchain, type Toolchain } from '../toolchain/toolchain.ts'
import { grant, startBoundary } from './boundary/start-boundary.ts'
import { openKubeconfig } from './kubeconfig.ts'
import { again, describePlan, examineOwnCluster, planFor } from './own-cluster.ts'
import { teardown } from './teardown.ts'

type Own = Choices & { readonly kind: 'own' }

const say = (line: string): boolean => process.stdout.write(`${line}\n`)
/** Beside what may be piped on. */
const tell = (line: string): boolean => process.stderr.write(`${line}\n`)

/** Exit code. */
export async function runOwnCluster(own: Own): Promise<number> {
  const { action, choice, common } = own
  if (action === 'apply') await assertPortsFree(common)
  const toolchain = await ensureToolchain(tell)
  switch (action) {
    case 'show':
      return show(toolchain, own)
    case 'apply':
      return apply(toolchain, own)
    case 'teardown': {
      const { kubeconfig: file, context } = choice
      const access = await openKubeconfig({ kubectl: toolchain.kubectl, file, context })
      return (await teardown(access, say)) ? 0 : 1
    }
  }
}

async function show(toolchain: Toolchain, { choice }: Own): Promise<number> {
  const own = await examineOwnCluster(toolchain, choice)
  say(describePlan(own, await planFor(own), again(choice, choice.policy, '--apply')))
  return 0
}

async function apply(toolchain: Toolchain, { choice, common }: Own): Promise<number> {
  const own = await examineOwnCluster(toolchain, choice)
  if (own.policyIsNew) {
    tell(
      `There was no policy for this cluster: ${own.policyFile} is a beginning. Read and edit it, then run this again.`,
    )
    return 1
  }
  await grant(own, say)
  const onceMore = (action: string) => again(choice, null, action)
  return session({ keep: common.keep, say }, async ({ directory, supervisor, interrupted }) => {
    const { boundaryPort, brokerPort, clickhouseUrl } = common
    const parts = { toolchain, directory, supervisor, boundaryPort, brokerPort, clickhouseUrl, report: say }
    const modeIsFixed = choice.impersonation !== null
    const started = await Promise.race([startBoundary({ own, parts, modeIsFixed, again: onceMore }), interrupted])
    if (started === null) return { code: INTERRUPTED, wentWell: true }
    say(started)
    await interrupted
    return { code: 0, wentWell: true }
  })
}
