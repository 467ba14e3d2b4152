import { GO_CLIENTS } from '../go/clients.ts'
import { JAVA_CLIENTS } from '../java/clients.ts'
import { JAVASCRIPT_CLIENTS } from '../javascript/clients.ts'
import { KUBECTL_CLIENTS } from '../kubectl/clients.ts'
import { PYTHON_CLIENTS } from '../python/clients.ts'
import { RUST_CLIENTS } from '../rust/clients.ts'
import { isChosen } from './chosen.ts'
import type { Client } from './client.ts'

export const CLIENTS: readonly Client[] = [
  ...KUBECTL_CLIENTS,
  ...GO_CLIENTS,
  ...PYTHON_CLIENTS,
  ...JAVASCRIPT_CLIENTS,
  ...JAVA_CLIENTS,
  ...RUST_CLIENTS,
]

export function chosen(): readonly Client[] {
  return CLIENTS.filter(client => isChosen(client))
}
