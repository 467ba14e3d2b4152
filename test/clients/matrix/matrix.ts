import type { Audited } from '../../../local/cluster/audit-log.ts'
import type { TestEdition } from '../../e2e/an-edition.ts'
import { until } from '../../support/until.ts'
import { approve } from '../approve.ts'
import type { ClientProgram, Command } from '../client-program.ts'
import { administratorsKubeconfig } from './administrator.ts'
import { AtMost } from './at-most.ts'
import { type Checked, check, type Said, start } from './check.ts'
import type { Client } from './client.ts'
import { anOperatorsEdition, type Lease, leaseFor, TOKEN_TTL_MS } from './leased.ts'

interface Row {
  readonly command: Command
  readonly lease: Lease
  readonly followed: ClientProgram<Said>
  readonly checked: Promise<{ readonly direct: Checked; readonly through: Checked }>
}

const SLOWLY_MS = 120_000

/** All clients in one edition: directly in one namespace, under a lease of their own in another. */
export class Matrix {
  readonly playing: TestEdition
  readonly #rows: ReadonlyMap<string, Row>

  private constructor(playing: TestEdition, rows: ReadonlyMap<string, Row>) {
    this.playing = playing
    this.#rows = rows
  }

  static async start(clients: readonly Client[]): Promise<Matrix> {
    const commands = new Map<string, Command>()
    const report = (line: string) => void process.stderr.write(`${line}\n`)
    for (const { id, prepare } of clients) commands.set(id, await prepare(report))
    const playing = await anOperatorsEdition(clients.length)
    const direct = await administratorsKubeconfig(playing.edition)
    const atMost = new AtMost(2)
    const rows = new Map<string, Row>()
    for (const [id, command] of commands) rows.set(id, await startRow(playing, { id, command, direct }, atMost))
    return new Matrix(playing, rows)
  }

  get leases(): readonly string[] {
    return [...this.#rows.values()].map(({ lease }) => lease.id)
  }

  checked(id: string): Row['checked'] {
    return this.#row(id).checked
  }

  /** What it says of a namespace that is not its own. */
  async refused(id: string): Promise<Said> {
    const program = this.#start(id, 'refused', this.playing.edition.names.foreign)
    await program.exited
    return program.says({ says: 'refused' }, 0)
  }

  async approved(id: string): Promise<ClientProgram<Said>> {
    const program = this.#start(id, 'approved', 'db')
    await approve(this.playing, this.#row(id).lease.id, SLOWLY_MS)
    await program.exited
    return program
  }

  /** The watch that was opened before anything else: an event once its token has ended, then the end of the lease. */
  async followed(id: string) {
    const { followed, lease } = this.#row(id)
    const { edition, leasegate } = this.playing
    const { at: startedAt } = await followed.says({ says: 'watching' }, SLOWLY_MS)
    await until('its token to have ended', () => Date.now() > startedAt + TOKEN_TTL_MS + 1000, SLOWLY_MS)
    const manifest = {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: `${id}-late`, labels: { followed: id } },
    }
    await edition.cluster.admin(['create', '-n', edition.names.app, '-f', '-'], JSON.stringify(manifest))
    await followed.says({ says: 'event' }, SLOWLY_MS)
    const revoking = await leasegate('admin', 'lease', 'revoke', lease.id)
    if (revoking.code !== 0) throw new Error(revoking.stderr)
    const revokedAt = Date.now()
    await followed.says({ says: 'refused' }, SLOWLY_MS)
    return { followed, startedAt, revokedAt }
  }

  async seen(id: string): Promise<readonly Audited[]> {
    const { lease } = this.#row(id)
    return (await this.playing.stage.audit()).filter(event => event.lease === lease.id)
  }

  async stop(): Promise<void> {
    await Promise.all([...this.#rows.values()].map(({ followed }) => followed.stop()))
    await Promise.allSettled([...this.#rows.values()].map(({ checked }) => checked))
    await this.playing.stop()
  }

  #start(id: string, task: string, about: string): ClientProgram<Said> {
    const { command, lease } = this.#row(id)
    const { app, deployment } = this.playing.edition.names
    return start(command, task, { kubeconfig: lease.kubeconfig, namespace: app, prefix: about, deployment })
  }

  #row(id: string): Row {
    const row = this.#rows.get(id)
    if (row === undefined) throw new Error(`${id} was not started`)
    return row
  }
}

interface Wish {
  readonly id: string
  readonly command: Command
  /** Kubeconfig past the boundary. */
  readonly direct: string
}

async function startRow(playing: TestEdition, { id, command, ...wish }: Wish, atMost: AtMost): Promise<Row> {
  const { names } = playing.edition
  const lease = await leaseFor(playing, id)
  const common = { prefix: id, deployment: names.deployment }
  const through = { ...common, kubeconfig: lease.kubeconfig, namespace: names.app }
  const direct = { ...common, kubeconfig: wish.direct, namespace: names.foreign }
  const checked = atMost.run(async () => ({
    direct: await check(command, direct),
    through: await check(command, through),
  }))
  return { command, lease, followed: start(command, 'follow', through), checked }
}
