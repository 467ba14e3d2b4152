import { randomBytes } from 'node:crypto'

/** Every name that the story uses; nothing in the product knows any of them. */
export interface Names {
  readonly agent: string
  readonly sponsor: string
  readonly approver: string
  readonly admin: string
  /** Where the agent's service account lives. */
  readonly agentNamespace: string
  /** Granted. */
  readonly app: string
  /** Granted, and marked as production. */
  readonly production: string
  /** Never granted. */
  readonly foreign: string
  readonly deployment: string
  /** Task templates. */
  readonly restart: string
  readonly once: string
  readonly inspect: string
  readonly own: string
  readonly retire: string
}

export const STORY_NAMES: Names = {
  agent: 'deployer-7',
  sponsor: 'dana@example.com',
  approver: 'alex',
  admin: 'robin',
  agentNamespace: 'agents',
  app: 'shop',
  production: 'prod-shop',
  foreign: 'payments',
  deployment: 'web',
  restart: 'restart-web',
  once: 'restart-once',
  inspect: 'inspect-web',
  own: 'own-namespace',
  retire: 'retire-namespace',
}

/** The same story with other names: what passes only with the usual ones is hard-coded somewhere. */
export function randomNames(): Names {
  const suffix = randomBytes(3).toString('hex')
  const renamed = Object.entries(STORY_NAMES).map(([role, name]) => [
    role,
    role === 'sponsor' ? `Zoë.Ñ-${suffix}@example.com` : `${role.toLowerCase().slice(0, 4)}-${suffix}-${name.length}`,
  ])
  return Object.fromEntries(renamed) as Names
}
