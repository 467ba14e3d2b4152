import type { Report } from '../../../local/toolchain/cache.ts'
import type { Command } from '../client-program.ts'
import type { Capability } from './capabilities.ts'

/** A client library, and a small program made with it. */
export interface Client {
  /** In names of objects too. */
  readonly id: string
  /** As people know it. */
  readonly title: string
  readonly version: string
  /** Programs without which it cannot be built or run here. */
  readonly needs: readonly string[]
  /** In every test run; the others cost minutes to build, and are tried by `npm run clients` and the long tests alone. */
  readonly often: boolean
  /** Installs and builds what is missing, outside of the checkout. */
  readonly prepare: (report: Report) => Promise<Command>
  /** What the library has no means for, or none but what another row shows. */
  readonly without: Partial<Readonly<Record<Capability, string>>>
  /** What is otherwise through the boundary than directly, and why. */
  readonly differs: Partial<Readonly<Record<Capability, string>>>
}
