import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { MAIN } from '../../../../local/edition/leasegate.ts'
import { listensOn } from '../../../../local/process/listens-on.ts'
import { Supervisor } from '../../../../local/process/supervisor.ts'
import { Valkey, type ValkeyOptions } from '../../../support/stores/valkey.ts'
import { checkMaker, PLACE } from './asking.ts'
import type { Question } from './load.ts'
import { type Peers, toStart } from './peers/peers.ts'
import { aWorld, MANY, NAMESPACE, OTHERS } from './world.ts'

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
  /** The same one, asked about another object each time. */
  readonly anew: Contender
  /** node:http2 that does nothing. */
  readonly http2: Contender
  /** Those that were built: by hand in Go, and OPA. */
  readonly peers: readonly Contender[]
  readonly stop: () => Promise<void>
}

interface Starting extends ValkeyOptions {
  /** Null for none. */
  readonly peers: Peers | null
  /** Of another checkout, to compare with. */
  readonly main?: string
  /** For Node, as in `--cpu-prof`. */
  readonly nodeOptions?: readonly string[]
}

/** Only in the answer that allows. */
const ALLOWS = 'x-envoy-upstream-stream-duration-ms'

/** Reads of one object with that token, each with an id of its own; `isOf`: whether an answer is the one to that id. */
export function asking(
  token: string,
  isOf = (id: string, answer: Buffer): boolean => answer.includes(id),
  pod = 'web-0',
): () => Question {
  const maker = checkMaker(`/api/v1/namespaces/${NAMESPACE}/pods/${pod}`, token)
  return () => {
    const { id, frame } = maker()
    return { frame, isAnsweredBy: answer => answer.includes(ALLOWS) && isOf(id, answer) }
  }
}

/** Of an allowed read, as gRPC frames it, about. */
const ANSWER_BYTES = 560

/** Any answer will do. */
function askingAnybody(token: string): () => Question {
  const next = asking(token)
  return () => ({ frame: next().frame, isAnsweredBy: () => true })
}

/** Starts all of them, each in a process of its own. */
export async function startContenders({
  peers,
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
      next: name === 'nothing' ? asking(token, () => true) : asking(token),
    }
  }
  const { token, lease, publicKeys } = await aWorld(valkey, directory)
  try {
    const nothing = await start('nothing', process.execPath, [
      join(import.meta.dirname, 'null-authorizer.ts'),
      join(directory, 'nothing.sock'),
    ])
    const plain = await start('http2', process.execPath, [
      join(import.meta.dirname, 'bare-http2.ts'),
      join(directory, 'http2.sock'),
      String(ANSWER_BYTES),
    ])
    const http2 = { ...plain, next: askingAnybody(token) }
    const env = authorizerEnv(valkey, directory)
    const authorizer = await start('authorizer', process.execPath, [...nodeOptions, main, 'authorizer'], env)
    const given = { directory, store: valkey.url, lease, publicKeys, namespace: NAMESPACE, others: OTHERS, limit: MANY }
    const started: Contender[] = []
    for (const { name, program, config } of peers === null ? [] : toStart(peers, given)) {
      const file = join(directory, `${name}.json`)
      await writeFile(file, config)
      started.push(await start(name, program, [file]))
    }
    const anew = { ...authorizer, name: 'authorizer, of other objects', next: asking(token, undefined, `web-${PLACE}`) }
    return { nothing, authorizer, anew, http2, peers: started, stop }
  } catch (error) {
    await stop()
    throw error
  }
}

/** Of an authorizer of that world, which listens in its directory. */
export function authorizerEnv(valkey: Valkey, directory: string): Readonly<Record<string, string>> {
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
