import { ageStreams } from '../envoy/age/age-streams.ts'

/** Minutes that streams of every kind are open before they end, in a quiet and in a busy boundary at once. */
const [minutes = 70] = process.argv.slice(2).map(Number)

await Promise.all([false, true].map(busy => ageStreams({ seconds: minutes * 60, busy })))
console.log(`streams of ${minutes} minutes, of every kind: Envoy outlived each of their ends`)
