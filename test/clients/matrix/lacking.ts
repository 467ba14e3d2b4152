import { spawnSync } from 'node:child_process'
import type { Client } from './client.ts'

/** Why it cannot be tried on this machine, or null. */
export function lacking({ needs }: Pick<Client, 'needs'>): string | null {
  const missing = needs.filter(program => spawnSync(program, ['--version'], { stdio: 'ignore' }).status !== 0)
  return missing.length === 0 ? null : `no ${missing.join(' and no ')}`
}
