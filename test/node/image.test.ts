import { describe, expect, test } from 'vitest'
import { BOUNDARY_NAMESPACE } from '../../local/edition/cluster/boundary-namespace.ts'
import { RELEASE } from '../../local/node/product/release.ts'
import { theNode } from './the-node.ts'

const node = theNode()
const AUTHORIZER = ['exec', '-n', BOUNDARY_NAMESPACE, `deployment/${RELEASE}-authorizer`, '--']

/** What a line of JavaScript says in there: it is all that the image can run. */
async function says(script: string): Promise<string> {
  const { stdout, stderr } = await node.admin([...AUTHORIZER, '/nodejs/bin/node', '-e', script])
  return (stdout + stderr).trim()
}

describe('the image that the Dockerfile makes', () => {
  test.each(['sh', 'bash', 'cat', 'apt-get'])('has no %s', async program => {
    const { code, stderr } = await node.admin([...AUTHORIZER, program])
    expect(code).not.toBe(0)
    expect(stderr).toMatch(/not found/)
  })

  test('runs as a user that is nobody, and can become nobody else', async () => {
    const status = await says(`console.log(fs.readFileSync('/proc/1/status', 'utf8'))`)
    expect(status).toMatch(/^Uid:\t65532\t65532\t65532\t65532$/m)
    expect(status).toMatch(/^CapBnd:\t0+$/m)
    expect(status).toMatch(/^NoNewPrivs:\t1$/m)
    expect(status).toMatch(/^Seccomp:\t2$/m)
  })

  test.each(['/opt/leasegate/src/main.ts', '/new', '/nodejs/bin/node'])('cannot write to %s', async file => {
    expect(await says(`fs.appendFileSync('${file}', 'x')`)).toMatch(/EROFS|EACCES/)
  })

  test('holds packages for who runs it, and none for who builds it', async () => {
    const packages = await says(`console.log(fs.readdirSync('/opt/leasegate/node_modules').join())`)
    expect(packages).toContain('ioredis')
    expect(packages).not.toMatch(/vitest|typescript|@biomejs/)
  })

  test('is smaller than a gibibyte, with the engine of the record in it', async () => {
    const { stdout } = await node.admin(['get', 'nodes', '-o', 'jsonpath={.items[0].status.images}'])
    const images = JSON.parse(stdout) as readonly { readonly names: readonly string[]; readonly sizeBytes: number }[]
    const size = images.find(({ names }) => names.includes(node.images.product))?.sizeBytes ?? Number.NaN
    expect(size).toBeLessThan(2 ** 30)
    expect(await says(`console.log(fs.existsSync('/opt/leasegate/node_modules/chdb'))`)).toBe('true')
  })
})
