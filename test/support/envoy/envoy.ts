import { mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises'
import { get } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { renderCertificateSecret, renderTokenSecret } from '../../../envoy/secrets.ts'
import { type EnvoySettings, socket } from '../../../envoy/settings.ts'
import { startEnvoy } from '../../../local/edition/processes.ts'
import { type CertificateFiles, createAuthority } from '../../../local/pki.ts'
import { freePort } from '../../../local/process/ports.ts'
import { type Started, Supervisor } from '../../../local/process/supervisor.ts'
import { ensureToolchain } from '../../../local/toolchain/toolchain.ts'
import { type AccessLogServer, startAccessLogServer } from '../../../src/envoy/server/access-log-server.ts'
import type { GrpcServer } from '../../../src/envoy/server/grpc-server.ts'
import type { Outcome } from '../../../src/record/outcome.ts'
import type { RowKey } from '../../../src/record/row-key.ts'
import { until } from '../until.ts'
import { Script, startScripted } from './scripted-authorizer.ts'
import { Upstream } from './upstream.ts'

export const BOUNDARY_TOKEN = 'the-boundary-s-own-token'
/** In the client certificate. */
export const BOUNDARY_NAME = 'the-boundary'

export interface TestBoundary {
  readonly port: number
  readonly directory: string
  readonly supervisor: Supervisor
  readonly envoy: Started
  readonly upstream: Upstream
  /** What comes here goes to whoever listens on `broker.sock` in the directory. */
  readonly brokerPort: number
  readonly script: Script
  /** What the access log said, in order. */
  readonly outcomes: Outcome[]
  /** What was open in an Envoy that hung up. */
  readonly gone: RowKey[]
  readonly authorizers: readonly GrpcServer[]
  /** Puts another token into the file as a projected volume does: all at once. */
  readonly swapToken: (token: string) => Promise<void>
  /** The tap is dead, and Envoy knows, while this runs; then it is back. */
  readonly withoutTap: (meanwhile: () => Promise<unknown>) => Promise<void>
  /** The tap is told to end, as a rollout tells it; for a while there is none, and then a new one. */
  readonly replaceTap: () => Promise<void>
  /** What Envoy says about its clusters, as text. */
  readonly clusters: () => Promise<string>
  readonly stop: () => Promise<void>
}

interface Options {
  /** Another program than the toolchain's. */
  readonly envoy?: string
  readonly credential?: EnvoySettings['apiServer']['credential']
  readonly stalledSeconds?: number
  readonly clientCertificates?: boolean
  /** Sockets in the directory that authorizers listen on; by default the two of this process that follow the script. */
  readonly startAuthorizers?: (
    sockets: readonly string[],
    supervisor: Supervisor,
    directory: string,
  ) => Promise<readonly GrpcServer[]>
  /** Has something else stand where the API server stands; on which port. */
  readonly startApiServer?: (server: CertificateFiles, supervisor: Supervisor, directory: string) => Promise<number>
  /** Has a recorder listen on this socket; by default sessions are not recorded. */
  readonly startRecorder?: (socket: string, supervisor: Supervisor, directory: string) => Promise<unknown>
}

const TAP_ENDS_WITHIN_MS = 15_000
/** Envoy tries to reach it meanwhile, several times. */
const TAP_AWAY_MS = 1500

/** The real Envoy with the configuration of production, between authorizers that follow a script and a stub of the API server. */
export async function startBoundary({
  envoy: program,
  startAuthorizers,
  startRecorder,
  startApiServer,
  credential = 'token',
  ...more
}: Options = {}): Promise<TestBoundary> {
  const directory = await mkdtemp(join(tmpdir(), 'lg-e-'))
  const supervisor = new Supervisor()
  const script = new Script()
  const outcomes: Outcome[] = []
  const gone: RowKey[] = []
  const at = (name: string) => join(directory, name)
  const sockets = [at('a0.sock'), at('a1.sock')]

  const authority = await createAuthority(directory)
  const server = await authority.issue({ name: 'server', subject: 'CN=server', servedAs: ['localhost', '127.0.0.1'] })
  const upstream = await Upstream.start(server)
  await mkdir(at('token'))
  const swapToken = swapper(at('token'))
  await swapToken(BOUNDARY_TOKEN)
  const client = await authority.issue({ name: 'client', subject: `CN=${BOUNDARY_NAME}` })
  const secret =
    credential === 'token' ? renderTokenSecret(join(at('token'), 'token')) : renderCertificateSecret(client)
  await writeFile(at('secret.json'), secret)

  const startTap = (): Promise<AccessLogServer> =>
    startAccessLogServer(
      { kind: 'unix', path: at('tap.sock') },
      { onOutcome: outcome => void outcomes.push(outcome), onGone: keys => void gone.push(...keys) },
    )
  let tap = await startTap()
  const authorizers =
    startAuthorizers === undefined
      ? await inThisProcess(sockets, script)
      : await startAuthorizers(sockets, supervisor, directory)

  await startRecorder?.(at('recorder.sock'), supervisor, directory)
  const apiServerPort = (await startApiServer?.(server, supervisor, directory)) ?? upstream.port
  const clusters = () => admin(at('admin.sock'), '/clusters')
  const [port, brokerPort] = [await freePort(), await freePort()]
  const toolchain = await ensureToolchain(() => undefined)
  const processes = { supervisor, directory, redisSocket: '', policyFile: '', keysDirectory: '', clickhouseUrl: null }
  const envoy = await startEnvoy(processes, program ?? toolchain.envoy, {
    boundary: { address: '127.0.0.1', port },
    broker: { address: '127.0.0.1', port: brokerPort },
    server,
    apiServer: {
      host: '127.0.0.1',
      port: apiServerPort,
      certificateName: '127.0.0.1',
      caFile: authority.caFile,
      credential,
      secretFile: at('secret.json'),
    },
    authorizers: sockets.map(socket),
    tap: socket(at('tap.sock')),
    recorder: startRecorder === undefined ? null : socket(at('recorder.sock')),
    brokerPart: socket(at('broker.sock')),
    adminSocket: at('admin.sock'),
    ...more,
  })
  return {
    port,
    brokerPort,
    directory,
    supervisor,
    envoy,
    upstream,
    script,
    outcomes,
    gone,
    authorizers,
    swapToken,
    withoutTap: async meanwhile => {
      await tap.stop(0)
      await until('Envoy to notice', async () => /^tap::.*::health_flags::\/failed_active_hc/m.test(await clusters()))
      await meanwhile()
      tap = await startTap()
    },
    replaceTap: async () => {
      await tap.stop(TAP_ENDS_WITHIN_MS)
      await pause(TAP_AWAY_MS)
      tap = await startTap()
    },
    clusters,
    stop: async () => {
      await supervisor.stop()
      await Promise.all([tap, ...authorizers].map(each => each.stop(0)))
      await upstream.stop()
      await rm(directory, { recursive: true, force: true })
    },
  }
}

function admin(socketPath: string, path: string): Promise<string> {
  return new Promise((resolve, reject) => {
    get({ socketPath, path }, response => {
      let body = ''
      response.setEncoding('utf8').on('data', text => {
        body += text
      })
      response.once('end', () => resolve(body))
    }).once('error', reject)
  })
}

async function inThisProcess(sockets: readonly string[], script: Script): Promise<readonly GrpcServer[]> {
  const servers: GrpcServer[] = []
  for (const [index, socket] of sockets.entries()) servers.push(await startScripted(socket, `a${index}`, script))
  return servers
}

function swapper(directory: string) {
  return async (token: string): Promise<void> => {
    await writeFile(join(directory, 'next'), `${token}\n`)
    await rename(join(directory, 'next'), join(directory, 'token'))
  }
}

/** The end of the request with this audit id or path, as the access log has it. */
export async function outcomeOf(
  { outcomes }: Pick<TestBoundary, 'outcomes'>,
  is: (outcome: Outcome) => boolean,
): Promise<Outcome> {
  let found: Outcome | undefined
  await until('the outcome', () => {
    found = outcomes.find(each => each.phase === 'end' && is(each))
    return found !== undefined
  })
  return found as Outcome
}
