import { PassThrough, Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { Exec, Log, PortForward, type V1Status } from '@kubernetes/client-node'
import type { At } from './at.ts'

const CONTAINER = 'web'

async function logs(at: At) {
  return { text: await at.core.readNamespacedPodLog({ name: await at.pod(), namespace: at.namespace, tailLines: 1 }) }
}

async function logsFollowed(at: At) {
  const output = new PassThrough()
  const following = await new Log(at.config).log(at.namespace, await at.pod(), CONTAINER, output, { follow: true })
  const first = await new Promise(resolve => output.once('data', resolve))
  following.abort()
  return { first: String(first) }
}

async function run(at: At, command: readonly string[], input: Readable | null = null) {
  const [stdout, stderr] = [new PassThrough(), new PassThrough()]
  const ended = Promise.withResolvers<V1Status>()
  const pod = await at.pod()
  await new Exec(at.config).exec(
    at.namespace,
    pod,
    CONTAINER,
    [...command],
    stdout,
    stderr,
    input,
    false,
    ended.resolve,
  )
  const failed = (await ended.promise).status !== 'Success'
  return { stdout: await text(stdout), stderr: await text(stderr), failed }
}

async function exec(at: At) {
  const { stdout, failed } = await run(at, ['echo', 'hello'])
  return { stdout, failed }
}

async function execWithInput(at: At) {
  const { stdout, failed } = await run(at, ['sh', '-c', 'head -n 1; sleep 1'], Readable.from(['typed\n']))
  return { stdout, failed }
}

async function execFails(at: At) {
  const { stderr, failed } = await run(at, ['sh', '-c', 'echo wrong >&2; exit 1'])
  return { stderr, failed }
}

async function portForward(at: At) {
  const [output, errors, input] = [new PassThrough(), new PassThrough(), new PassThrough()]
  await new PortForward(at.config).portForward(at.namespace, await at.pod(), [80], output, errors, input)
  input.write('ping')
  return { echo: String(await new Promise(resolve => output.once('data', resolve))) }
}

export const STREAMS: Readonly<Record<string, (at: At) => Promise<unknown>>> = {
  logs,
  'logs followed': logsFollowed,
  exec,
  'exec with input': execWithInput,
  'exec that fails': execFails,
  'port-forward': portForward,
}
