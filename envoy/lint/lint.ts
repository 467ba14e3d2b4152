import type { Bootstrap } from './bootstrap.ts'
import { filterChain } from './filters.ts'
import { limits } from './limits.ts'
import { neverSet } from './never.ts'
import { overload } from './overload.ts'
import { reach } from './reach.ts'
import { recording } from './recording.ts'
import { routes } from './routes.ts'
import { runtime } from './runtime.ts'

const RULES = [neverSet, reach, filterChain, routes, recording, limits, overload, runtime]

/** Every place where this configuration (JSON) would break what the boundary promises; empty when it keeps all of it. */
export function lintEnvoy(rendered: string): readonly string[] {
  const bootstrap: Bootstrap = JSON.parse(rendered)
  return RULES.flatMap(rule => rule(bootstrap))
}
