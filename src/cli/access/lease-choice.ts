import { Option } from 'commander'

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
