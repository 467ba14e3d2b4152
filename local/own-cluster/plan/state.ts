import { createHash } from 'node:crypto'
import { mkdir, rename, writeFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { createPeople, type People } from '../../edition/people.ts'
import type { Access } from '../kubeconfig.ts'
import type { ServerFacts } from '../server-facts.ts'

/** What stays on this machine between two runs in front of one cluster. */
export interface State {
  readonly folder: string
  /** Where the first policy is written to. */
  readonly policyFile: string
  readonly people: People
}

const RENEW_EVERY_MS = 600_000

/** Also writes the issuers' public keys, which a policy may refer to. */
export async function openState({ context, apiServer }: Access, facts: ServerFacts): Promise<State> {
  const root = process.env['XDG_STATE_HOME'] || join(homedir(), '.local/state')
  // Two kubeconfigs may call their clusters the same.
  const hash = createHash('sha256').update(`${apiServer.server}\0${apiServer.ca}`).digest('hex').slice(0, 6)
  const folder = join(root, 'leasegate', `${context.replace(/[^\w.-]+/g, '-')}-${hash}`)
  await mkdir(folder, { recursive: true, mode: 0o700 })
  await writeKeys(folder, facts.jwks)
  return { folder, policyFile: join(folder, 'policy.yaml'), people: await createPeople(folder) }
}

/** The cluster may change the key that it signs service account tokens with. */
export function followClusterKeys({ admin }: Access, { folder }: State): void {
  const renew = async () => {
    const { code, stdout } = await admin(['get', '--raw', '/openid/v1/jwks'])
    if (code === 0) await writeKeys(folder, stdout)
  }
  setInterval(() => void renew().catch(() => undefined), RENEW_EVERY_MS).unref()
}

async function writeKeys(folder: string, jwks: string): Promise<void> {
  const file = join(folder, 'cluster.jwks.json')
  await writeFile(`${file}.new`, jwks)
  await rename(`${file}.new`, file)
}
