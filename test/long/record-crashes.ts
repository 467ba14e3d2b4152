import { connect } from 'node:tls'
import { anEdition, type TestEdition } from '../e2e/an-edition.ts'
import { crash, random, VICTIMS, type Victim } from '../e2e/record/record-crashes.ts'
import { until } from '../support/until.ts'

/**
 * Many kills -9 under load, then the record against the API server's audit log; and a stream whose end nobody saw.
 * node test/long/record-crashes.ts [kills, default 60] [seed]
 */
const KILLS = Number(process.argv[2] ?? 60)
const SEED = Number(process.argv[3] ?? Date.now() % 1_000_000)

console.log(`${KILLS} kills, seed ${SEED}`)
const next = random(SEED)
const victims = Array.from({ length: KILLS }, () => VICTIMS[Math.floor(next() * VICTIMS.length)] as Victim)
const playing = await anEdition()
try {
  const { missing, double, different, unrecorded, ...counts } = await crash(playing, victims, next)
  console.log(
    JSON.stringify(Object.fromEntries(VICTIMS.map(name => [name, victims.filter(one => one === name).length]))),
  )
  console.log(JSON.stringify({ ...counts, missing: missing.length, double: double.length }))
  const faults = [...missing, ...double, ...different, ...unrecorded]
  if (faults.length > 0 || counts.insertedTwice > 0) throw new Error(`the record is not exact: ${faults.join('\n')}`)
  await unknownAfterAMinute(playing)
} finally {
  await playing.stop()
}

/** A watch is open while Envoy tells of it; when Envoy was killed with it, it is unknown a minute after the last sign. */
async function unknownAfterAMinute({ edition, lease, token, sql, supervisor }: TestEdition): Promise<void> {
  const held = await lease(edition.names.restart)
  const bearer = await token(held)
  const socket = connect({
    host: '127.0.0.1',
    port: Number(new URL(edition.boundaryUrl).port),
    rejectUnauthorized: false,
  })
  socket.on('error', () => undefined)
  const path = `/api/v1/namespaces/${edition.names.app}/pods?watch=1`
  socket.write(`GET ${path} HTTP/1.1\r\nHost: boundary\r\nAuthorization: Bearer ${bearer}\r\n\r\n`)
  const seen = async () => {
    const rows = await sql<{ state: string; silent: string; for: string }>(
      `SELECT state, dateDiff('second', seen_at, now64(3)) AS silent, dateDiff('second', decided_at, now64(3)) AS for
       FROM requests WHERE lease = '${held}' AND verb = 'watch'`,
    )
    return rows[0]
  }
  await until('an open watch of 65 s', async () => Number((await seen())?.for) > 65, 80_000)
  const open = await seen()
  console.log(`a watch of ${open?.for} s is ${open?.state}, last heard of ${open?.silent} s ago`)
  if (open?.state !== 'open') throw new Error('it is not open')
  await supervisor.end('envoy', 'SIGKILL')
  await until('the unknown end', async () => (await seen())?.state === 'unknown', 90_000)
  const ended = await seen()
  console.log(`Envoy killed: it is ${ended?.state} ${ended?.silent} s after the last sign`)
  if (Number(ended?.silent) > 65) throw new Error('too late')
  socket.destroy()
}
