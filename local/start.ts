import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { type Edition, type EditionOptions, startEdition } from './edition/edition.ts'
import { howToGoOn } from './edition/how-to-go-on.ts'
import { STORY_NAMES } from './edition/names.ts'
import { assertFree } from './process/ports.ts'
import { Supervisor } from './process/supervisor.ts'
import { editionStage } from './story/edition-stage.ts'
import { tellStory } from './story/story.ts'
import { terminalTranscript } from './story/transcript.ts'
import { ensureToolchain } from './toolchain/toolchain.ts'

const USAGE = `npm start -- [options]
  --once                 end after the story, with exit code 0 only if every step went as it should
  --port PORT            the boundary's port (7443)
  --broker-port PORT     the broker's port (7444)
  --clickhouse-url URL   a ClickHouse server for the record, instead of the embedded engine
  --keep                 leave data and logs behind`

const OPTIONS = {
  once: { type: 'boolean', default: false },
  keep: { type: 'boolean', default: false },
  help: { type: 'boolean', short: 'h', default: false },
  port: { type: 'string', default: '7443' },
  'broker-port': { type: 'string', default: '7444' },
  'clickhouse-url': { type: 'string' },
} as const

/** As the shell says of a program that a Ctrl-C ended. */
const INTERRUPTED = 130

const say = (line: string): boolean => process.stdout.write(`${line}\n`)

interface Choices {
  readonly once: boolean
  readonly keep: boolean
  readonly boundaryPort: number
  readonly brokerPort: number
  readonly clickhouseUrl: string | null
}

/** Exit code. */
async function main(): Promise<number> {
  const { values } = parseArgs({ options: OPTIONS })
  if (values.help) {
    say(USAGE)
    return 0
  }
  const choices = {
    once: values.once,
    keep: values.keep,
    boundaryPort: toPort(values.port, '--port'),
    brokerPort: toPort(values['broker-port'], '--broker-port'),
    clickhouseUrl: values['clickhouse-url'] ?? null,
  }
  await assertFree(choices.boundaryPort, 'boundary', '--port')
  await assertFree(choices.brokerPort, 'broker', '--broker-port')
  return play(choices)
}

async function play({ once, keep, ...choices }: Choices): Promise<number> {
  const interrupted = stopRequested()
  const toolchain = await ensureToolchain(say)
  const directory = await mkdtemp(join(tmpdir(), 'lg-'))
  const supervisor = new Supervisor((name, how, log) => say(`${name} ended unasked (${how}), see ${log}`))
  let wentWell = false
  try {
    const telling = tell({ toolchain, directory, supervisor, names: STORY_NAMES, report: say, ...choices })
    const told = await Promise.race([telling, interrupted])
    wentWell = told === null || told.failed === 0
    if (told === null) return INTERRUPTED
    say(wentWell ? '\nEvery step went as it should.' : `\n${told.failed} steps did not go as they should.`)
    if (once) return wentWell ? 0 : 1
    say(await howToGoOn(told.edition))
    await interrupted
    return 0
  } finally {
    say('stopping')
    await supervisor.stop()
    if (wentWell && !keep) await rm(directory, { recursive: true, force: true, maxRetries: 3 })
    else say(`data and logs: ${directory}`)
  }
}

/** Starts everything and walks the story; the number of steps that did not go as they should. */
async function tell(options: EditionOptions): Promise<{ readonly edition: Edition; readonly failed: number }> {
  const edition = await startEdition(options)
  let failed = 0
  const transcript = terminalTranscript(process.stdout)
  const stage = editionStage(edition, options.toolchain.kubectl, transcript, ({ ok }) => {
    if (!ok) failed += 1
  })
  await tellStory(stage)
  return { edition, failed }
}

/** Asked more than once, as a Ctrl-C in the terminal is by npm and by us, it still means one graceful end. */
function stopRequested(): Promise<null> {
  return new Promise(resolve => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => resolve(null))
  })
}

function toPort(text: string, option: string): number {
  const port = Number(text)
  if (Number.isInteger(port) && port > 0 && port < 65_536) return port
  throw new Error(`${option} must be a port from 1 to 65535`)
}

// What an interrupted story still waits for must not hold up the end.
main().then(
  code => process.exit(code),
  (error: Error) => {
    process.stderr.write(`leasegate: ${error.message}\n`)
    process.exit(1)
  },
)
