// Runs in an agent's pod: a steady load of GETs through the boundary until its input ends; half of them over connections that are kept,
// half each over one of its own, as kubectl's are. Beside them a watch in which next to nothing happens; it is opened again when it ends.
// Says in a line that it has begun, and in the last one what it sent and what failed.
import { execFileSync } from 'node:child_process'
import { lookup } from 'node:dns/promises'
import { readFileSync } from 'node:fs'
import { Agent, get } from 'node:https'

const [lease, path, perSecond] = process.argv.slice(2)
const ca = readFileSync(process.env.LEASEGATE_BOUNDARY_CA_FILE)
const url = new URL(path, process.env.LEASEGATE_BOUNDARY_URL)
// Asked for once: what is tried is the boundary, and not the agent's own resolver.
const { address, family } = await lookup(url.hostname)
const known = (_name, { all }, callback) =>
  all ? callback(null, [{ address, family }]) : callback(null, address, family)
const agents = [
  new Agent({ ca, lookup: known, keepAlive: true, maxSockets: 8 }),
  new Agent({ ca, lookup: known, keepAlive: false }),
]
const credential = JSON.parse(execFileSync('leasegate', ['credential', '--lease', lease], { encoding: 'utf8' }))
const headers = { authorization: `Bearer ${credential.status.token}` }
const OPEN_AGAIN_AFTER_MS = 500

const failures = []
let sent = 0
let open = 0
let watches = 0
let stopped = false
let begun = false

function ask() {
  const at = new Date().toISOString()
  const agent = agents[sent % 2]
  sent += 1
  open += 1
  const end = what => {
    open -= 1
    if (what !== null) failures.push(`${at} ${what}`)
    else if (!begun) process.stdout.write('begun\n')
    begun ||= what === null
  }
  const request = get(url, { agent, headers, timeout: 20_000 }, response => {
    let body = ''
    response.on('data', part => {
      body += part
    })
    response.once('error', error => end(`${error.code} in the answer`))
    response.once('end', () => end(response.statusCode === 200 ? null : `${response.statusCode} ${body.slice(0, 200)}`))
  })
  request.once('timeout', () => request.destroy(Object.assign(new Error('late'), { code: 'late' })))
  request.once('error', error => end(error.code ?? error.message))
}

function watch() {
  if (stopped) return
  const target = new URL(url)
  target.search = 'watch=true'
  const again = () => setTimeout(watch, OPEN_AGAIN_AFTER_MS)
  const request = get(target, { agent: agents[1], headers }, response => {
    if (response.statusCode === 200) watches += 1
    response.resume()
    response.once('error', () => undefined)
    response.once('close', again)
  })
  request.once('error', () => {
    if (request.res === undefined || request.res === null) again()
  })
}

const from = performance.now()
const asking = setInterval(ask, 1000 / Number(perSecond))
watch()
process.stdin.resume()
process.stdin.once('end', () => {
  clearInterval(asking)
  const held = Math.round((sent / (performance.now() - from)) * 10_000) / 10
  stopped = true
  const ended = setInterval(() => {
    if (open > 0) return
    clearInterval(ended)
    process.stdout.write(`${JSON.stringify({ sent, held, watches, failures })}\n`)
    process.exit()
  }, 50)
})
