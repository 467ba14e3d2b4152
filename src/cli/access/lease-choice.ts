import { Option } from 'commander'
import { EXEC_APIS } from '../token-cache/exec-credential.ts'

/** Which lease somebody means; without either, the only one there is. */
export interface LeaseChoice {
  readonly lease?: string
  readonly template?: string
  /** File that has the id of whichever it is by then. */
  readonly leaseFrom?: string
}

/** For programs that outlive a lease: a kubeconfig by template needs no change when the next lease is there. */
export function templateOption(): Option {
  return new Option('--template <name>', 'the newest lease of this task template, whichever that is by then').conflicts(
    'lease',
  )
}

/** Of what writes a kubeconfig. */
export function execApiOption(): Option {
  return new Option(
    '--exec-api <version>',
    'client.authentication.k8s.io by which clients ask for tokens; v1beta1 for libraries that know no other',
  )
    .choices(EXEC_APIS)
    .default('v1')
}
