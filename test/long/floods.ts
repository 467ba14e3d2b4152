import { flood, floodsOf, othersMeanwhile } from '../lease/floods.ts'
import { Valkey } from '../support/stores/valkey.ts'

/** 50 000 of each that an agent can make at will, on a store of 512 MB, and what that is to everybody else. */
const TIMES = 50_000
const SLOWEST_MS = 100

const valkey = await Valkey.start({ appendfsync: 'everysec', maxmemory: '512mb' })
// Not what is tried here: other work may hold up the machine.
const link = await valkey.connected({ deadlineMs: 5000 })
const used = async () => /^used_memory_human:(\S+)/m.exec(await link.ask('memory', redis => redis.info('memory')))?.[1]

for (const one of await floodsOf(link)) {
  const stop = new AbortController()
  const others = othersMeanwhile(await valkey.connected({ deadlineMs: 5000 }), stop.signal)
  const from = performance.now()
  const outcomes = await flood(one, TIMES)
  const seconds = (performance.now() - from) / 1000
  stop.abort()
  const { request, approvals } = await others
  const said = [...outcomes].map(([outcome, count]) => `${outcome} ${count}`).join(', ')
  console.log(`${TIMES} ${one.name} in ${seconds.toFixed(1)} s: ${said}; store ${await used()}`)
  console.log(
    `  others meanwhile: a request ${request.toFixed(0)} ms, the approvals ${approvals.toFixed(0)} ms at worst`,
  )
  if (Math.max(request, approvals) > SLOWEST_MS) process.exitCode = 1
}
await valkey.stop()
