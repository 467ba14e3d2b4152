import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { startEdition } from './edition/edition.ts'
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
  const stopping = stopRequested()
  const toolchain = await ensureToolchain(say)
  const directory = await mkdtemp(join(tmpdir(), 'lg-'))
  const supervisor = new Supervisor((name, how, log) => say(`${name} ended unasked (${how}), see ${log}`))
  let failed = 0
  try {
    const edition = await startEdition({
      toolchain,
      directory,
      supervisor,
      names: STORY_NAMES,
      report: say,
      ...choices,
    })
    const stage = editionStage(edition, toolchain.kubectl, terminalTranscript(process.stdout), ({ ok }) => {
      if (!ok) failed += 1
    })
    await Promise.race([tellStory(stage), stopping])
    say(failed === 0 ? '\nEvery step went as it should.' : `\n${failed} steps did not go as they should.`)
    if (once) return failed === 0 ? 0 : 1
    say(await howToGoOn(edition))
    await stopping
    return 0
  } finally {
    say('stopping')
    await supervisor.stop()
    if (!keep && failed === 0) await rm(directory, { recursive: true, force: true })
    else say(`data and logs: ${directory}`)
  }
}

function stopRequested(): Promise<void> {
  return new Promise(resolve => {
    process.once('SIGINT', () => resolve())
    process.once('SIGTERM', () => resolve())
  })
}

function toPort(text: string, option: string): number {
  const port = Number(text)
  if (Number.isInteger(port) && port > 0 && port < 65_536) return port
  throw new Error(`${option} must be a port from 1 to 65535`)
}

main().then(
  code => {
    process.exitCode = code
  },
  (error: Error) => {
    process.stderr.write(`leasegate: ${error.message}\n`)
    process.exitCode = 1
  },
)
