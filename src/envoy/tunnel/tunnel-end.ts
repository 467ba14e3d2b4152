import { readFileSync } from 'node:fs'
import { z } from 'zod'
import { fromStruct, type Struct } from '../struct.ts'

/** What Envoy runs on the answers of tunnels; its header says what it tells. */
export const TUNNEL_LUA = readFileSync(new URL('tunnel.lua', import.meta.url), 'utf8')

const NAMESPACE = 'leasegate.tunnel'

/** How the API server ended a tunnel, by its own words. */
export interface TunnelEnd {
  /** In the words of the protocol; a server that dies says nothing. */
  readonly closed: boolean
  /** Of the command: exit code; `failed`, where the API server could not carry it on; null where nothing was said. */
  readonly command: number | 'failed' | null
}

/** By what the script in Envoy saw. Only exec and attach end with a Status: on other tunnels the same channel is somebody's data. */
export function toTunnelEnd(metadata: Readonly<Record<string, Struct>> | null | undefined, path: string): TunnelEnd {
  const { closed, status } = fromStruct(metadata?.[NAMESPACE])
  const hasStatus = typeof status === 'string' && SESSION.test(path)
  return { closed: closed === true, command: hasStatus ? toCommand(status) : null }
}

/** Behind a proxy it could be anybody's path. */
const SESSION = /^\/api\/v1\/namespaces\/[^/]+\/pods\/[^/]+\/(?:exec|attach)$/

const STATUS = z.object({
  status: z.string(),
  reason: z.string().optional(),
  details: z
    .object({ causes: z.array(z.object({ reason: z.string().optional(), message: z.string().optional() })) })
    .optional(),
})

/** `remotecommand.NonZeroExitCodeReason`; a Status of another kind is a failure of runtime, kubelet or API server. */
function toCommand(text: string): TunnelEnd['command'] {
  const status = STATUS.safeParse(parse(text)).data
  if (status?.status === 'Success') return 0
  const code = status?.details?.causes.find(({ reason }) => reason === 'ExitCode')?.message ?? ''
  const isExit = status?.reason === 'NonZeroExitCode' && /^\d{1,9}$/.test(code)
  return isExit ? Number(code) : 'failed'
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}
