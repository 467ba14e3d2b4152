import { join } from 'node:path'
import { startEdition } from './edition/edition.ts'
import { howToGoOn } from './edition/how-to-go-on.ts'
import { STORY_NAMES } from './edition/names.ts'
import { followLog } from './process/follow-log.ts'
import { assertFree, assertPortsFree } from './process/ports.ts'
import { type Common, readChoices } from './start/choices.ts'
import { INTERRUPTED, type Session, session } from './start/session.ts'
import { ensureToolchain } from './toolchain/toolchain.ts'

const USAGE = `npm run dev -- [--port PORT] [--broker-port PORT] [--sign-in-port PORT] [--clickhouse-url URL] [--keep]
  starts what npm start starts, without the story. A role begins anew when a file that it has loaded changes; what roles log as a
  warning or worse is shown here. Policy, certificates and keys are read anew as in production; Envoy's configuration is not.`
const ROLES = ['authorizer-0', 'authorizer-1', 'broker', 'tap']

const say = (line: string): boolean => process.stdout.write(`${line}\n`)

/** Exit code. */
async function main(): Promise<number> {
  const choices = readChoices(process.argv.slice(2))
  if (choices.kind === 'help') {
    say(USAGE)
    return 0
  }
  if (choices.kind !== 'story' || choices.once) throw new Error(`not with npm run dev:\n${USAGE}`)
  const { common } = choices
  await assertPortsFree(common)
  await assertFree(common.signInPort, 'sign-in', '--sign-in-port')
  return session({ keep: common.keep, say }, async running => {
    const up = await Promise.race([start(common, running), running.interrupted])
    if (up === null) return { code: INTERRUPTED, wentWell: true }
    await running.interrupted
    return { code: 0, wentWell: true }
  })
}

async function start(common: Common, { directory, supervisor, atEnd }: Session): Promise<true> {
  const toolchain = await ensureToolchain(say)
  const edition = await startEdition({
    ...common,
    toolchain,
    directory,
    supervisor,
    names: STORY_NAMES,
    watch: true,
    report: say,
  })
  for (const role of ROLES) {
    const stop = followLog(join(directory, `${role}.log`), line => say(`${role}: ${line}`))
    atEnd(async () => stop())
  }
  say(await howToGoOn(edition))
  return true
}

main().then(
  code => process.exit(code),
  (error: Error) => {
    process.stderr.write(`leasegate: ${error.message}\n`)
    process.exit(1)
  },
)
