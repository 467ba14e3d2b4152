import { spawnSync } from 'node:child_process'
import type { Client } from './client.ts'

/** How the tests of a client that cannot be tried here are called; the count of all tests knows it. */
export const NOT_TRIED = 'not tried here'

/** Why it cannot be tried on this machine, or null. */
export function lacking({ needs }: Pick<Client, 'needs'>): string | null {
  const missing = needs.filter(program => spawnSync(program, ['--version'], { stdio: 'ignore' }).status !== 0)
  return missing.length === 0 ? null : `no ${missing.join(' and no ')}`
}
