import { once } from 'node:events'
import { connect } from 'node:net'
import { isDeepStrictEqual } from 'node:util'
import type { At } from './at.ts'
import { lineOf } from './reading.ts'

type Protocol = 'SPDY' | 'WebSocket'

/** The switches of those versions that have both, whichever they do by themselves. */
function over(protocol: Protocol): Readonly<Record<string, string>> {
  const webSockets = String(protocol === 'WebSocket')
  return { KUBECTL_REMOTE_COMMAND_WEBSOCKETS: webSockets, KUBECTL_PORT_FORWARD_WEBSOCKETS: webSockets }
}

/** Over the old protocol and the new one; it may make no difference. */
function overBoth<T>(use: (at: At, env: Readonly<Record<string, string>>) => Promise<T>): (at: At) => Promise<T> {
  return async at => {
    const old = await use(at, over('SPDY'))
    const seen = await use(at, over('WebSocket'))
    if (isDeepStrictEqual(old, seen)) return seen
    throw new Error(`over SPDY ${JSON.stringify(old)}, over WebSocket ${JSON.stringify(seen)}`)
  }
}

async function logs(at: At) {
  return { text: await at.do(['logs', await at.pod(), '--tail=1']) }
}

async function logsFollowed(at: At) {
  const running = at.start(['logs', await at.pod(), '--follow'])
  const first = await lineOf(running.stdout, /./)
  running.kill()
  return { first }
}

const exec = overBoth(async (at, env) => {
  const { code, stdout } = await at.try(['exec', await at.pod(), '--', 'echo', 'hello'], { env })
  return { stdout, failed: code !== 0 }
})

const execWithInput = overBoth(async (at, env) => {
  const args = ['exec', '-i', await at.pod(), '--', 'sh', '-c', 'head -n 1; sleep 1']
  const { code, stdout } = await at.try(args, { env, input: 'typed\n' })
  return { stdout, failed: code !== 0 }
})

/** What kubectl says beside: the code, and, at 1.30, that it was not ready for the first, empty message of a stream. */
const OF_ITS_OWN = /^(error|command terminated|E\d{4} .* Unknown stream id).*\n/gm

const execFails = overBoth(async (at, env) => {
  const args = ['exec', await at.pod(), '--', 'sh', '-c', 'echo wrong >&2; exit 1']
  const { code, stderr } = await at.try(args, { env })
  return { stderr: stderr.replace(OF_ITS_OWN, ''), failed: code !== 0 }
})

const portForward = overBoth(async (at, env) => {
  const running = at.start(['port-forward', await at.pod(), ':80'], { env })
  try {
    const line = await lineOf(running.stdout, /^Forwarding from 127/)
    const socket = connect(Number(/:(\d+) /.exec(line)?.[1]), '127.0.0.1')
    socket.write('ping')
    const [echo] = await once(socket, 'data')
    socket.destroy()
    return { echo: String(echo) }
  } finally {
    running.kill()
  }
})

export const STREAMS: Readonly<Record<string, (at: At) => Promise<unknown>>> = {
  logs,
  'logs followed': logsFollowed,
  exec,
  'exec with input': execWithInput,
  'exec that fails': execFails,
  'port-forward': portForward,
}
