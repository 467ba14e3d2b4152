// CPU of a decision with many rules in the lease, many templates and many agents in the policy, beside one of each.
import { beside, warm } from './house/beside.ts'
import { aHouse } from './house/house.ts'
import type { Size } from './house/policy.ts'

/*
 * The rule that covers what is asked is the last one; half of the others are about other resources, half about other objects of the same. More
 * than some three hundred rules are beyond what the broker signs in one lease.
 */
const SIZES: Readonly<Record<string, Partial<Size>>> = {
  '50 rules': { rules: 50 },
  '1000 rules': { rules: 1000 },
  '100 templates': { templates: 100 },
  '1000 templates': { templates: 1000 },
  '10000 agents in the policy': { agents: 10_000 },
}

const small = { house: await aHouse() }
try {
  await warm(small)
  for (const [what, size] of Object.entries(SIZES)) {
    const large = { house: await aHouse(size) }
    try {
      await warm(large)
      await beside(what, large, small)
    } finally {
      await large.house.stop()
    }
  }
} finally {
  await small.house.stop()
}
