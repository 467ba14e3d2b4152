import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { renderTokenSecret } from '../../../envoy/secrets.ts'
import type { Cluster } from '../../cluster/cluster.ts'
import { BOUNDARY_ACCOUNT, PLANNER_ACCOUNT } from './boundary-namespace.ts'
import { keepFreshToken } from './fresh-token.ts'

export interface BoundaryCredential {
  readonly tokenFile: string
  /** What Envoy is told of it. */
  readonly secretFile: string
}

/** The one cluster credential there is, in a folder that only Envoy is told of. */
export async function keepBoundaryCredential(
  cluster: Pick<Cluster, 'admin'>,
  directory: string,
  namespace: string,
  onProblem?: (problem: string) => void,
): Promise<BoundaryCredential> {
  const folder = join(directory, 'boundary')
  await mkdir(folder, { mode: 0o700 })
  const tokenFile = join(folder, 'token')
  await keepFreshToken(cluster, { file: tokenFile, namespace, account: BOUNDARY_ACCOUNT, audience: null }, onProblem)
  const secretFile = join(folder, 'secret.json')
  await writeFile(secretFile, renderTokenSecret(tokenFile))
  return { tokenFile, secretFile }
}

/** The credential of the account that plans are made with, in a folder that only the broker is told of; its path. */
export async function keepPlannerToken(
  cluster: Pick<Cluster, 'admin'>,
  directory: string,
  namespace: string,
  onProblem?: (problem: string) => void,
): Promise<string> {
  const folder = join(directory, 'planner')
  await mkdir(folder, { mode: 0o700 })
  const file = join(folder, 'token')
  await keepFreshToken(cluster, { file, namespace, account: PLANNER_ACCOUNT, audience: null }, onProblem)
  return file
}
