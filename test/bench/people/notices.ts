// From a question in the store to its webhook at the receiver.
import { Hook } from '../../broker/notices/hook.ts'
import { TellingWorld } from '../../broker/notices/telling-world.ts'
import { until } from '../../support/until.ts'

/**
 * From a question in the store to its webhook at the receiver: the store, the broker's telling and the receiver on this machine, two
 * brokers, and a receiver beside it that never answers. Questions come one after the other was told, then as fast as the store takes them.
 */
const ONE_BY_ONE = 50
const AT_ONCE = 200

const world = await TellingWorld.start()
const [hook, stuck] = [await Hook.start(), await Hook.start()]
stuck.answer = () => {}
const receivers = [world.webhook('phone', hook.url), world.webhook('stuck', stuck.url)]
world.tell({ receivers })
world.tell({ receivers })

/** Of its own signature's id, so that nothing is verified while it is measured. */
const arrived = () => new Map(hook.got.map(({ headers, at }) => [String(headers['webhook-id']), at]))

async function ask(): Promise<readonly [id: string, at: number]> {
  const at = Date.now()
  return [await world.ask(), at]
}

const alone: number[] = []
for (let i = 0; i < ONE_BY_ONE; i++) {
  const [id, at] = await ask()
  await until('its message', () => arrived().has(id))
  alone.push((arrived().get(id) ?? Number.NaN) - at)
}
report(`${ONE_BY_ONE} questions, one by one`, alone)

const asked: (readonly [id: string, at: number])[] = []
for (let i = 0; i < AT_ONCE; i++) asked.push(await ask())
await until('all messages', () => asked.every(([id]) => arrived().has(id)), 120_000)
report(
  `${AT_ONCE} questions as fast as they come`,
  asked.map(([id, at]) => (arrived().get(id) ?? Number.NaN) - at),
)

await world.stop()
await hook.stop()
await stuck.stop()

function report(what: string, taken: readonly number[]): void {
  const sorted = taken.toSorted((one, other) => one - other)
  const at = (part: number) => sorted[Math.min(Math.floor(sorted.length * part), sorted.length - 1)] ?? Number.NaN
  process.stdout.write(`${what}: p50 ${at(0.5)} ms, p99 ${at(0.99)} ms, most ${at(1)} ms\n`)
}
