import { POD_NETWORK } from './machine.ts'
import type { Place } from './place.ts'

/** kube-router puts it on what its chains of a pod have let through. */
const LET_THROUGH = '0x20000'

/**
 * What no pod's chain has let through does not pass. For each pod that comes or goes the table of those chains is made anew, and at that
 * moment the kernel asks of a packet the new one, not yet in force, and then the old one, no longer in force: neither says no.
 * These chains come after them and stay as they are. A pod whose address the firewall does not know yet waits for it.
 */
const LAST_CHAINS = `table ip last {
  chain let-through {
    ct state established,related accept
    meta mark & ${LET_THROUGH} == ${LET_THROUGH} accept
    drop
  }
  chain forward {
    type filter hook forward priority filter + 10
    jump let-through
  }
  chain input {
    type filter hook input priority filter + 10
    ip saddr ${POD_NETWORK} jump let-through
  }
}
`

export async function closeFirewall({ must }: Place): Promise<void> {
  await must('nft', ['-f', '-'], LAST_CHAINS)
}
