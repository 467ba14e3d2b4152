import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { MAIN } from '../../../local/edition/leasegate.ts'
import { listensOn } from '../../../local/process/listens-on.ts'
import { Supervisor } from '../../../local/process/supervisor.ts'
import { sealContract } from '../../../src/identity/token/contract.ts'
import { generateKeyFiles, parseSigningKey } from '../../../src/identity/token/keys.ts'
import { issueLeaseToken } from '../../../src/identity/token/lease-token.ts'
import type { Lease } from '../../../src/lease/lease.ts'
import { RedisLeaseStore } from '../../../src/lease/redis-lease-store.ts'
import type { Policy } from '../../../src/policy/policy.ts'
import { issueScope } from '../../../src/policy/template/issue-scope.ts'
import { COMMIT } from '../../../src/redis/scripts.ts'
import { aLease, creating } from '../../lease/a-lease.ts'
import { aFile, thePolicy } from '../../policy/risk-rules/a-file.ts'
import { Valkey, type ValkeyOptions } from '../../support/stores/valkey.ts'
import { checkMaker } from './asking.ts'
import type { Question } from './load.ts'

/** A server that answers checks, and the questions that it is asked. */
export interface Contender {
  readonly name: string
  readonly pid: number
  readonly socket: string
  readonly next: () => Question
}

export interface Contenders {
  /** grpc-js doing nothing. */
  readonly nothing: Contender
  /** Ours: 50 rules, a live lease with a budget, journal, real Valkey. */
  readonly authorizer: Contender
  /** By hand, in Go; not there where it was not built. */
  readonly go: Contender | null
  readonly valkey: Valkey
  readonly stop: () => Promise<void>
}

interface Starting extends ValkeyOptions {
  /** The program, null for none. */
  readonly goPeer: string | null
  /** Of another checkout, to compare with. */
  readonly main?: string
  /** For Node, as in `--cpu-prof`. */
  readonly nodeOptions?: readonly string[]
}

const NAMESPACE = 'shop'
const LONG_MS = 3_600_000
const MANY = 10_000_000
/** Only in the answer that allows. */
const ALLOWS = 'x-envoy-upstream-stream-duration-ms'

const RULES = Array.from(
  { length: 50 },
  (_, index) =>
    `{id: own-${index}, tier: medium, why: is our own, apiGroups: [apps], resources: [deployments], namespaces: [ns-${index}, shop], changes: [image]}`,
)

/** Starts all of them, each in a process of its own. */
export async function startContenders({
  goPeer,
  main = MAIN,
  nodeOptions = [],
  ...options
}: Starting): Promise<Contenders> {
  const directory = await mkdtemp(join(tmpdir(), 'lg-bench-'))
  const valkey = await Valkey.start(options)
  const supervisor = new Supervisor()
  const stop = async (): Promise<void> => {
    await supervisor.stop()
    await valkey.stop()
    await rm(directory, { recursive: true, force: true })
  }
  const start = async (name: string, command: string, args: readonly string[], env = {}): Promise<Contender> => {
    const socket = join(directory, `${name}.sock`)
    const logFile = join(directory, `${name}.log`)
    const { pid } = await supervisor.start({ name, command, args, env, logFile, isReady: () => listensOn(socket) })
    return {
      name,
      pid,
      socket,
      next: name === 'nothing' ? asking(() => true) : asking((id, answer) => answer.includes(id)),
    }
  }
  const { token, lease, policy, publicKeys } = await prepare(valkey, directory)
  const maker = checkMaker(`/api/v1/namespaces/${NAMESPACE}/pods/web-0`, token)
  const asking = (isOf: (id: string, answer: Buffer) => boolean) => () => {
    const { id, frame } = maker()
    return { frame, isAnsweredBy: (answer: Buffer) => answer.includes(ALLOWS) && isOf(id, answer) }
  }
  try {
    const nothing = await start('nothing', process.execPath, [
      join(import.meta.dirname, 'null-authorizer.ts'),
      join(directory, 'nothing.sock'),
    ])
    const env = authorizerEnv(valkey, directory)
    const authorizer = await start('authorizer', process.execPath, [...nodeOptions, main, 'authorizer'], env)
    const peer = goPeer === null ? null : join(directory, 'go.json')
    if (peer !== null) await writeFile(peer, goConfig({ valkey, directory, lease, policy, publicKeys }))
    const go = goPeer === null || peer === null ? null : await start('go', goPeer, [peer])
    return { nothing, authorizer, go, valkey, stop }
  } catch (error) {
    await stop()
    throw error
  }
}

interface Prepared {
  readonly token: string
  readonly lease: Lease
  readonly policy: Policy
  readonly publicKeys: string
}

async function prepare(valkey: Valkey, directory: string): Promise<Prepared> {
  const keyFiles = await generateKeyFiles()
  const signing = await parseSigningKey(keyFiles.signing)
  if (signing.kind === 'problem') throw new Error(signing.message)
  const text = aFile(`[${RULES.join(', ')}]`, '{}')
  const policy = thePolicy(text)
  const [template] = policy.templates
  if (template === undefined) throw new Error('no template')
  const lease = aLease({
    agent: 'bot',
    template: template.name,
    namespaces: [NAMESPACE],
    scope: issueScope(template, [NAMESPACE]),
    budgets: { requests: MANY },
    expiresAt: Date.now() + LONG_MS,
  })
  const contract = await sealContract(lease, signing.value)
  await new RedisLeaseStore(await valkey.connected()).create({ ...creating(lease), contract })
  await writeFile(join(directory, 'policy.yaml'), text)
  await writeFile(join(directory, 'public.json'), keyFiles.verify)
  const { token } = await issueLeaseToken(lease, { key: signing.value, now: Date.now(), ttlMs: LONG_MS })
  return { token, lease, policy, publicKeys: keyFiles.verify }
}

function authorizerEnv(valkey: Valkey, directory: string): Readonly<Record<string, string>> {
  return {
    LEASEGATE_REDIS_URL: valkey.url,
    LEASEGATE_DURABILITY: 'always',
    LEASEGATE_POLICY_FILE: join(directory, 'policy.yaml'),
    LEASEGATE_PUBLIC_KEYS_FILE: join(directory, 'public.json'),
    LEASEGATE_AUTHORIZER_LISTEN: `unix:${join(directory, 'authorizer.sock')}`,
    LEASEGATE_JOURNAL_HIGH_MARK: String(MANY),
    LEASEGATE_JOURNAL_HARD_LIMIT: String(2 * MANY),
  }
}

interface ForGo extends Omit<Prepared, 'token'> {
  readonly valkey: Valkey
  readonly directory: string
}

/** As many rules, of which the last covers what is asked. */
function goConfig({ valkey, directory, lease, publicKeys }: ForGo): string {
  const { keys } = JSON.parse(publicKeys) as { readonly keys: readonly { readonly x: string }[] }
  const other = (_: string, index: number) => ({
    verbs: ['patch'],
    apiGroups: ['apps'],
    resources: ['deployments'],
    namespaces: [`ns-${index}`, NAMESPACE],
  })
  return JSON.stringify({
    listen: join(directory, 'go.sock'),
    store: valkey.url.replace('unix://', ''),
    script: COMMIT.lua,
    key: keys[0]?.x ?? '',
    lease: lease.id,
    agent: lease.agent,
    expiresAt: lease.expiresAt,
    limit: String(MANY),
    rules: [...RULES.map(other), { verbs: ['*'], apiGroups: ['*'], resources: ['*'], namespaces: [NAMESPACE] }],
  })
}
