import { rm } from 'node:fs/promises'
import { type Edition, type EditionOptions, startEdition } from '../../local/edition/edition.ts'
import { leasegate } from '../../local/edition/leasegate.ts'
import { randomNames } from '../../local/edition/names.ts'
import { freePort } from '../../local/process/ports.ts'
import { reviving } from '../../local/process/revive.ts'
import type { Ran } from '../../local/process/run.ts'
import type { Supervisor } from '../../local/process/supervisor.ts'
import { editionStage, type Finding } from '../../local/story/edition-stage.ts'
import type { Stage, Who } from '../../local/story/stage.ts'
import { silentTranscript } from '../../local/story/transcript.ts'
import { ensureToolchain } from '../../local/toolchain/toolchain.ts'
import { formatResult } from '../../src/record/queries/format-result.ts'
import type { QueryResult, QueryRunner } from '../../src/record/queries/run-query.ts'
import { createTapQueryRunner } from '../../src/record/queries/tap-query-runner.ts'
import { quickFolder } from '../support/stores/quick-folder.ts'
import { until } from '../support/until.ts'

export interface TestEdition {
  readonly edition: Edition
  readonly supervisor: Supervisor
  /** What npm start would have said of programs that ended unasked. */
  readonly said: readonly string[]
  readonly stage: Stage
  readonly findings: Finding[]
  readonly leasegate: (who: Who, ...args: readonly string[]) => Promise<Ran>
  /** A new lease, and the agent's kubeconfig for it. */
  readonly lease: (template: string, ...args: readonly string[]) => Promise<string>
  /** What the exec plugin hands to kubectl. */
  readonly token: (lease: string) => Promise<string>
  /** Rows of a read-only SQL query, as `leasegate sql` has them: the tap is asked, without a command, because tests ask again and again. */
  readonly sql: <T>(query: string) => Promise<readonly T[]>
  readonly stop: () => Promise<void>
}

/** The whole edition with names drawn at random, on free ports. */
export async function anEdition(
  options: Partial<Pick<EditionOptions, 'apiServerFlags' | 'leaseTokenTtl' | 'names' | 'clientCertificates'>> = {},
): Promise<TestEdition> {
  const toolchain = await ensureToolchain(() => undefined)
  const directory = await quickFolder('lg-')
  const said: string[] = []
  const supervisor = reviving(line => void said.push(line))
  const edition = await startEdition({
    toolchain,
    directory,
    supervisor,
    names: randomNames(),
    boundaryPort: await freePort(),
    brokerPort: await freePort(),
    signInPort: await freePort(),
    clickhouseUrl: null,
    ...options,
    report: () => undefined,
  })
  const findings: Finding[] = []
  const stage = editionStage(edition, toolchain.kubectl, silentTranscript, finding => void findings.push(finding))
  const ask = (who: Who, ...args: readonly string[]) => leasegate(args, edition.environments[who])
  const record = createTapQueryRunner(edition.sockets.query)
  return {
    edition,
    supervisor,
    said,
    stage,
    findings,
    leasegate: ask,
    lease: async (template, ...args) => {
      const wish = ['--template', template, '--reason', 'a test', ...args, '-o', 'json']
      const { id } = JSON.parse(await answered(() => ask('agent', 'lease', 'request', ...wish))) as {
        readonly id: string
      }
      await answered(() => ask('agent', 'kubeconfig', '--lease', id, '--out', stage.kubeconfigFile))
      return id
    },
    token: async lease => {
      const made = JSON.parse(await answered(() => ask('agent', 'credential', '--lease', lease)))
      return (made as { readonly status: { readonly token: string } }).status.token
    },
    sql: async query => JSON.parse(formatResult(await onceThere(record, query), 'json')),
    stop: async () => {
      await supervisor.stop()
      await rm(directory, { recursive: true, force: true })
    },
  }
}

/** A tap that was started anew is ready for Envoy before it is for questions. */
async function onceThere(record: QueryRunner, sql: string): Promise<QueryResult> {
  let result: QueryResult | null = null
  await until('the tap to answer', async () => {
    result = await record({ kind: 'sql', sql }).catch((error: Error) => {
      if (!error.message.startsWith('no tap answers')) throw error
      return null
    })
    return result !== null
  })
  if (result === null) throw new Error('no result')
  return result
}

/** Exit code of a command that nobody answered: on a busy machine the broker says so now and then, and to try again. */
const UNAVAILABLE = 3

/** What it prints, once somebody answers. */
async function answered(ask: () => Promise<Ran>): Promise<string> {
  let ran = await ask()
  await until('the broker to answer', async () => {
    if (ran.code === UNAVAILABLE) ran = await ask()
    return ran.code !== UNAVAILABLE
  })
  return succeeded(ran)
}

function succeeded({ code, stdout, stderr }: Ran): string {
  if (code !== 0) throw new Error(stderr)
  return stdout
}
