import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { RELEASE } from '../../local/node/product/release.ts'
import { until } from '../support/until.ts'
import { asked, containerOf, HERE, podsOf, processesOf, ready } from './faults/parts.ts'
import { aShell, type Shell } from './shell/a-shell.ts'
import { sessionsInAContainer } from './shell/in-a-container.ts'
import { exported, recorded, sessions, textOf } from './shell/recorded.ts'
import { theNode, theProduct } from './the-node.ts'

const node = theNode()
const product = theProduct()
const TAP = `deployment/${RELEASE}-tap`

let shell: Shell
/** What the client of a session got that lost its recorder. */
let orphan: string

beforeAll(async () => {
  shell = await aShell(node, product)
  await aSessionIsRecorded()
}, 300_000)
afterAll(() => shell?.giveBack())

/** `kubectl exec` of a shell; the word is in its command, and names it in the record. */
const exec = (flags: string, word: string) =>
  `${shell.kubectl} exec ${flags} -c web ${shell.pod} -- env WORD=${word} sh`

/** Envoy learns by DNS that a recorder is there, which may take half a minute. */
async function aSessionIsRecorded(): Promise<void> {
  const seen = () => shell.type(`${exec('', 'again')} -c 'echo seen'`)
  await until('a session', async () => (await seen()).stdout === 'seen\n', 90_000)
}

/** Begins in the background of the agent's pod; its number, and what it got so far. */
async function begin(word: string) {
  const script = 'n=0; while :; do n=$((n + 1)); echo line $n; sleep 0.05; done'
  const started = await shell.type(`${exec('', word)} -c '${script}' >${word}.got 2>${word}.err & echo $!`)
  const got = async () => (await shell.type(`cat ${word}.got`)).stdout
  await until('some of it', async () => (await got()).includes('line 10\n'))
  const pid = started.stdout.trim()
  // Of one that has ended, and that nobody has buried yet, it is empty.
  const isOver = async () => (await shell.type(`cat /proc/${pid}/cmdline`)).stdout === ''
  return { pid, got, isOver, said: async () => (await shell.type(`cat ${word}.err`)).stdout }
}

describe('without a recorder', () => {
  afterAll(async () => {
    await asked(node, ['scale', TAP, ...HERE, '--replicas=1'])
    await ready(node)
  })

  test('no session goes on, none begins, everything else does', async () => {
    const { got, isOver, said } = await begin('orphan')
    await node.place.must('kill', ['-9', ...(await processesOf(node, await containerOf(node, 'tap')))])
    await until('the session to end', isOver, 10_000)
    expect((await said()).trim()).not.toBe('')
    orphan = await got()
    await asked(node, ['scale', TAP, ...HERE, '--replicas=0'])
    await until('the tap to be gone', async () => (await podsOf(node, 'tap')).length === 0, 120_000)
    const refused = await shell.type(`${exec('', 'refused')} -c 'echo unseen'`)
    expect(refused.code).not.toBe(0)
    expect(refused.stdout).toBe('')
    expect(refused.stderr).toMatch(/could not pass on the request/)
    expect(await shell.type(`${shell.kubectl} get pods -o name`)).toMatchObject({ code: 0 })
    await asked(node, ['scale', TAP, ...HERE, '--replicas=1'])
    await ready(node)
    await aSessionIsRecorded()
  }, 600_000)
})

describe('a recorded session in a real container', () => {
  test('of a terminal says what that terminal got: keys, another size, Ctrl-C, the exit code', async () => {
    const seen = (text: string) => `until grep -qs '${text}' typed.all; do sleep 0.1; done`
    // What kubectl says itself is not of the session; and while it runs, the keys have no end.
    const kubectl = `${exec('-it', 'terminal')} 2>terminal.err; code=$?; touch terminal.over; exit $code`
    const session = `stty rows 40 cols 101; (${seen('one-42')}; stty -F /dev/tty rows 33 cols 99) & ${kubectl}`
    await shell.type('cat > terminal.sh', session)
    const keys = [
      `${seen('[#$] $')}; printf 'echo one-$((6 * 7)) in $(stty size)\\n'`,
      `${seen('one-42')}; printf 'until test "$(stty size)" = "33 99"; do sleep 0.1; done; echo now-$(stty size)\\n'`,
      `${seen('now-33 99')}; printf 'sh -c "echo begun-\\$((6 * 7)); exec sleep 1000"\\n'`,
      `${seen('begun-42')}; printf '\\003'; printf 'echo after-$?\\n'`,
      `${seen('after-130')}; printf 'exit 3\\n'; until test -e terminal.over; do sleep 0.1; done`,
    ]
    await shell.type('cat > keys.sh', keys.join('\n'))
    const { stdout, code } = await shell.type('sh keys.sh | script -qefc "sh terminal.sh" typed.all')
    expect(code).toBe(3)
    const { id, why } = await recorded(node, product, 'WORD=terminal')
    expect(why).toBe('ended')
    const cast = await exported(node, product, id)
    const shown = textOf(cast, 'o')
    expect(shown).toBe(stdout)
    expect(shown).toMatch(/one-42 in 40 101\r\n/)
    expect(cast.filter(line => line.code === 'r').map(({ data }) => data)).toContain('99x33')
    expect(textOf(cast, 'i')).toContain('\u0003')
    const facts = JSON.parse((await sessions(node, product, 'show', id, '-o', 'json')).stdout)
    expect(facts).toMatchObject({ tty: true, verb: 'exec', ended: { exitCode: 3 } })
    expect(facts.commands.map(({ command }: { readonly command: string }) => command)).toContain('exit 3')
    const replayed = await sessions(node, product, 'replay', '--speed', '1000', id)
    expect(replayed.stdout).toContain('now-33 99')
  }, 180_000)

  test.each([0, 7])(
    'without a terminal says all that its client got, and exit code %i',
    async exitCode => {
      const word = `plain-${exitCode}`
      const script = `cat; echo out; echo err >&2; exit ${exitCode}`
      const ran = await shell.type(`${exec('-i', word)} -c '${script}' 2>errors`, 'one\ntwo\n')
      expect(ran).toMatchObject({ code: exitCode, stdout: 'one\ntwo\nout\n' })
      const { id } = await recorded(node, product, `WORD=${word}`)
      const cast = await exported(node, product, id)
      // Two streams: nobody knows which of them came first.
      expect(textOf(cast, 'o').replace('err\n', '')).toBe(ran.stdout)
      expect(textOf(cast, 'i')).toBe('one\ntwo\n')
      expect(cast.at(-1)).toEqual({ code: 'x', data: String(exitCode) })
    },
    120_000,
  )

  test('whose client was killed has all that the client got, and ends with a reason', async () => {
    const { pid, got, isOver } = await begin('killed')
    await shell.type(`kill -9 ${pid}`)
    await until('the client to be gone', isOver)
    const { id, why, endReason } = await recorded(node, product, 'WORD=killed')
    expect(textOf(await exported(node, product, id), 'o').startsWith(await got())).toBe(true)
    expect({ why, endReason }).toEqual({ why: 'closed', endReason: expect.stringMatching(/./) })
  }, 120_000)
})

describe('a session through the boundary, in a real container', () => sessionsInAContainer(node, product, () => shell))

// Last: that its end is unknown is not said before it is a minute old.
describe('of a session that lost its recorder', () => {
  test('what was delivered is on record', async () => {
    const { id, why } = await recorded(node, product, 'WORD=orphan', ['done', 'unknown'])
    expect(why).toBe('the recorder went away')
    expect(textOf(await exported(node, product, id), 'o').startsWith(orphan)).toBe(true)
  }, 240_000)
})
