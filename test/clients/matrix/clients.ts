import { JAVA_CLIENTS } from '../java/clients.ts'
import { JAVASCRIPT_CLIENTS } from '../javascript/clients.ts'
import { KUBECTL_CLIENTS } from '../kubectl/clients.ts'
import { PYTHON_CLIENTS } from '../python/clients.ts'
import type { Client } from './client.ts'

export const CLIENTS: readonly Client[] = [
  ...KUBECTL_CLIENTS,
  ...PYTHON_CLIENTS,
  ...JAVASCRIPT_CLIENTS,
  ...JAVA_CLIENTS,
]

/** Names of clients with commas between, by how they begin; an empty one is all of them. */
export const CHOSEN_CLIENTS = 'CLIENTS_CHOSEN'

/** Without a choice those that are tried in every test run. */
export function chosen(names = process.env[CHOSEN_CLIENTS]): readonly Client[] {
  if (names === undefined) return CLIENTS.filter(({ often }) => often)
  return CLIENTS.filter(({ id }) => names.split(',').some(name => id.startsWith(name)))
}
