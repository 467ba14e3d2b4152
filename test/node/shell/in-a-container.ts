import { beforeAll, expect, test } from 'vitest'
import type { Node } from '../../../local/node/node.ts'
import { leasegate } from '../../../local/node/product/node-stage.ts'
import type { Product } from '../../../local/node/product/product.ts'
import { answer } from '../../../local/story/answer.ts'
import type { Who } from '../../../local/story/stage.ts'
import { until } from '../../support/until.ts'
import type { Shell } from './a-shell.ts'

/** With a shell that is there once tests run. */
export function sessionsInAContainer(node: Node, product: Product, there: () => Shell): void {
  let shell: Shell['type']
  let kubectl: string
  let pod: string

  const as = (who: Who, args: readonly string[]) => leasegate(node, product, who, args)

  /** The approval that waits, of which its summary says this; or nothing. */
  async function asked(what: string): Promise<string> {
    const { stdout } = await as('approver', ['approvals', '-o', 'json'])
    const waiting = JSON.parse(stdout || '[]') as readonly { id: string; question: { summary: string } }[]
    return waiting.find(({ question }) => question.summary.includes(what))?.id ?? ''
  }

  beforeAll(() => {
    ;({ type: shell, kubectl, pod } = there())
  })

  test.each([0, 1, 7, 137])('ends with exit code %i of its command', async code => {
    expect((await shell(`${kubectl} exec ${pod} -- sh -c 'exit ${code}'`)).code).toBe(code)
  })

  test('is over when its input is, and says the rest', async () => {
    const { stdout, code } = await shell(`${kubectl} exec -i ${pod} -- sh -c 'cat; echo end'`, 'one\ntwo\n')
    expect(stdout).toBe('one\ntwo\nend\n')
    expect(code).toBe(0)
  })

  test('keeps output and errors apart', async () => {
    const { stdout } = await shell(`${kubectl} exec ${pod} -- sh -c 'echo out; echo err >&2' 2>errors; cat errors >&2`)
    expect(stdout).toBe('out\n')
    expect((await shell('cat errors')).stdout).toBe('err\n')
  })

  test('has a terminal whose size follows the one outside', async () => {
    const watchSize =
      'a=$(stty size); until test "$a" != "$(stty size)"; do sleep 0.1; done; echo resized to $(stty size)'
    const resize = 'n=40; while sleep 0.3; do n=$((n + 1)); stty -F /dev/tty rows $n cols 101; done'
    const session = `stty rows 40 cols 101; (${resize}) & timeout --foreground 60 ${kubectl} exec -it ${pod} -- sh -c '${watchSize}'; kill $!`
    await shell('cat > session.sh', session)
    const { stdout } = await shell('script -qec "sh session.sh" /dev/null')
    expect(stdout).toMatch(/resized to \d+ 101/)
  }, 90_000)

  test('carries a key press that ends what runs', async () => {
    const press = `(until grep -qs ready typed; do sleep 0.1; done; printf '\\003') | script -qefc "${kubectl} exec -it ${pod} -- sh -c 'trap \\"echo caught; exit 3\\" INT; echo ready; while :; do sleep 0.1; done'" typed`
    const { stdout, code } = await shell(press)
    expect(stdout).toContain('caught')
    expect(code).toBe(3)
  }, 60_000)

  test('copies a file there and back as it is', async () => {
    await shell('head -c 20000000 /dev/urandom > there')
    expect(await shell(`${kubectl} cp there ${pod}:/tmp/copied`)).toMatchObject({ code: 0 })
    expect(await shell(`${kubectl} cp ${pod}:/tmp/copied back`)).toMatchObject({ code: 0 })
    expect((await shell('cmp there back && echo same')).stdout).toBe('same\n')
  }, 90_000)

  test('forwards a port', async () => {
    const ask = `node -e "fetch('http://127.0.0.1:18080').then(a => a.text()).then(t => console.log(t), () => process.exit(1))"`
    const forward = `timeout 60 ${kubectl} port-forward ${pod} 18080:8080 >/dev/null & until ${ask}; do sleep 0.2; done; kill $!`
    expect((await shell(forward)).stdout.trim()).toBe(pod)
  }, 90_000)

  test('is a container of its own where somebody debugs, once a person has said yes', async () => {
    const ours = `--image=${node.images.node} --container=looking --profile=baseline --quiet`
    // kubectl waits by itself, and sends the same again.
    const debug = shell(`${kubectl} debug ${pod} ${ours} --target=web -- sh -c 'echo looked; exit 4'`)
    await until('the question', async () => (await asked('ephemeralcontainers')) !== '', 25_000)
    const question = await asked('ephemeralcontainers')
    expect(await answer({ leasegate: as }, 'approver', 'approve', question)).toMatchObject({ code: 0 })
    expect(await debug).toMatchObject({ code: 0 })
    const state = '{.status.ephemeralContainerStatuses[?(@.name=="looking")].state.terminated.exitCode}'
    const wait = ['wait', `pod/${pod}`, '-n', product.names.app, `--for=jsonpath=${state}=4`, '--timeout=60s']
    expect(await node.admin(wait)).toMatchObject({ code: 0 })
    expect((await shell(`${kubectl} logs ${pod} -c looking`)).stdout).toBe('looked\n')
  }, 90_000)
}
