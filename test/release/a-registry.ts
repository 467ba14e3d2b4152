import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { freePort } from '../../local/process/ports.ts'
import type { Supervisor } from '../../local/process/supervisor.ts'
import { ensureRegistry } from '../../local/toolchain/release-tools.ts'

export interface Registry {
  /** Host and port. */
  readonly address: string
  /** A manifest or a blob, read as JSON. */
  readonly json: (path: string) => Promise<unknown>
}

const KINDS = ['image.index', 'image.manifest', 'image.config'].map(kind => `application/vnd.oci.${kind}.v1+json`)

/** The registry of the CNCF, on loopback and empty. */
export async function startRegistry(supervisor: Supervisor, directory: string): Promise<Registry> {
  const address = `127.0.0.1:${await freePort()}`
  const configFile = join(directory, 'registry.json')
  await mkdir(join(directory, 'registry'))
  const storage = { filesystem: { rootdirectory: join(directory, 'registry') } }
  await writeFile(
    configFile,
    JSON.stringify({ version: 0.1, log: { level: 'warn' }, storage, http: { addr: address } }),
  )
  await supervisor.start({
    name: 'registry',
    command: await ensureRegistry(line => console.log(line)),
    args: ['serve', configFile],
    logFile: join(directory, 'registry.log'),
    isReady: async () => (await fetch(`http://${address}/v2/`).catch(() => null))?.ok ?? false,
  })
  return {
    address,
    json: async path => {
      const answer = await fetch(`http://${address}/v2/${path}`, { headers: { accept: KINDS.join() } })
      if (!answer.ok) throw new Error(`${path}: ${answer.status}`)
      return answer.json()
    },
  }
}
