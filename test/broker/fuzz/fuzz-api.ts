import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { type AddressInfo, connect, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { run } from '../../../local/process/run.ts'
import type { Report } from '../../../local/toolchain/cache.ts'
import { openapiText } from '../../../src/broker/openapi/document.ts'
import { type PythonPackages, pythonPackages } from '../../support/programs/python-packages.ts'
import { applying, type BatchWorld } from '../batches/a-batch-world.ts'
import { recordOf } from '../console/a-record.ts'
import { operationAt } from '../http/described.ts'
import { type Names, withNames } from './with-names.ts'

/** What schemathesis wants of the Python that runs it. */
export const PYTHON_MINOR = 11
const CHECKS = [
  'not_a_server_error',
  'status_code_conformance',
  'content_type_conformance',
  'response_headers_conformance',
  'response_schema_conformance',
  'negative_data_rejection',
  'ignored_auth',
]

/** It waits seconds for an authorizer to say that it cut a session, and there is none here. */
export const NOT_HERE = ['endSession']

export interface Fuzzing {
  /** Of the policy: whose token it brings. */
  readonly who: string
  readonly seed: number
  /** At most, of each operation. */
  readonly examples: number
  /** Operations that are left out. */
  readonly without?: readonly string[]
  /** Of schemathesis; all of them where nothing is said. `coverage` is the longest, and the same for everybody. */
  readonly phases?: readonly string[]
}

export interface Fuzzed {
  readonly code: number
  /** By schemathesis, for people. */
  readonly said: string
  /** How many answers of each: `issueLease 201`. */
  readonly answers: ReadonlyMap<string, number>
}

export function ensureSchemathesis(report: Report): Promise<PythonPackages> {
  return pythonPackages('schemathesis', join(import.meta.dirname, 'requirements.txt'), report)
}

/** Requests made from the description, good ones and bad, sent to the broker as it is. */
export async function fuzzApi(
  world: BatchWorld,
  { python }: Pick<PythonPackages, 'python'>,
  fuzzing: Fuzzing,
): Promise<Fuzzed> {
  const directory = await mkdtemp(join(tmpdir(), 'lg-fuzz-'))
  const door = await openDoor(world.broker.socket)
  // A record that answers at once, of an installation where nothing was done yet.
  world.broker.record = recordOf(async () => ({ columns: [], rows: [] }), Date.now, { patienceMs: 10_000, freshMs: 0 })
  const hurrying = HURRIED.has(fuzzing.who) ? hurry(world.broker) : undefined
  const [description, har] = [join(directory, 'openapi.json'), join(directory, 'answers.har')]
  try {
    await writeFile(description, JSON.stringify(withNames(JSON.parse(openapiText()), await namesOf(world))))
    const token = await world.broker.token(fuzzing.who, { exp: Math.floor(Date.now() / 1000) + 3600 })
    const { code, stdout, stderr } = await run(
      // It leaves a folder where it is started.
      'sh',
      [
        ...['-c', 'cd "$0" && exec "$@"', directory, python],
        ...['-c', 'from schemathesis.cli import schemathesis; schemathesis()'],
        ...['run', description, '--url', door.url, '--header', `Authorization: Bearer ${token}`],
        ...['--checks', CHECKS.join(), '--max-examples', String(fuzzing.examples), '--seed', String(fuzzing.seed)],
        ...['--generation-database', 'none', '--report', 'har', '--report-har-path', har, '--no-color'],
        ...(fuzzing.phases === undefined ? [] : ['--phases', fuzzing.phases.join()]),
        ...(fuzzing.without ?? []).flatMap(id => ['--exclude-operation-id', id]),
      ],
      { env: { PYTHONDONTWRITEBYTECODE: '1' } },
    )
    const answers = await readFile(har, 'utf8').catch(() => '')
    if (answers === '') throw new Error(`schemathesis did not run: ${stdout}${stderr}`)
    return { code, said: `${stdout}${stderr}`, answers: counted(JSON.parse(answers)) }
  } finally {
    clearInterval(hurrying)
    await door.stop()
    await rm(directory, { recursive: true, force: true })
  }
}

/** Leases and questions that are there, so that not everything is asked of nothing. */
async function namesOf(world: BatchWorld): Promise<Names> {
  const leases = await Promise.all(Array.from({ length: 4 }, () => world.lease()))
  const asked = await Promise.all(
    leases.map(async (lease, index) => (await world.plan(lease, [applying(`web-${index}`)])).body.approval),
  )
  const { templates, agents } = world.broker.policy
  return {
    lease: [...leases, `lse_0${'1'.repeat(25)}00`],
    approval: [...asked, `apr_0${'1'.repeat(25)}00`],
    agent: [...agents.map(({ name }) => name), 'nobody'],
    template: [...templates.map(({ name }) => name), 'none'],
    namespace: ['shop', 'shop-dev', 'payments'],
    duration: ['10m', '1h', '1h30m', '99h', 'soon'],
  }
}

/** What people answer is open for minutes, and would be over before they came to it. */
const HURRIED: ReadonlySet<string> = new Set(['web-operator', 'triage'])

/** A minute soon passes, so that what is let through so often a minute is met by more than its limit; leases live for an hour. */
function hurry(broker: { aheadMs: number }): NodeJS.Timeout {
  const [startedAt, most] = [Date.now(), 50 * 60_000]
  return setInterval(() => {
    broker.aheadMs = Math.min(most, (Date.now() - startedAt) * 100)
  }, 100)
}

/** The socket, over TCP, byte for byte. */
async function openDoor(path: string): Promise<{ readonly url: string; readonly stop: () => Promise<void> }> {
  const server = createServer(incoming => {
    const broker = connect(path)
    for (const each of [incoming, broker]) each.on('error', () => undefined)
    incoming.pipe(broker).pipe(incoming)
  })
  const { promise, resolve } = Promise.withResolvers<void>()
  server.listen(0, '127.0.0.1', resolve)
  await promise
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    stop: () => new Promise(done => server.close(() => done())),
  }
}

interface Har {
  readonly log: {
    readonly entries: readonly {
      readonly request: { readonly method: string; readonly url: string }
      readonly response: { readonly status: number }
    }[]
  }
}

function counted({ log: { entries } }: Har): ReadonlyMap<string, number> {
  const answers = new Map<string, number>()
  for (const { request, response } of entries) {
    const id = operationAt(request.method, new URL(request.url).pathname)?.id ?? 'none'
    const key = `${id} ${response.status}`
    answers.set(key, (answers.get(key) ?? 0) + 1)
  }
  return answers
}
