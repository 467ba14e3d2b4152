import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { get } from 'node:http'
import { SourceMap } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { stringify } from 'yaml'
import { run } from '../../local/process/run.ts'
import { TestIssuer } from '../support/issuer.ts'
import { Valkey } from '../support/stores/valkey.ts'
import { until } from '../support/until.ts'
import { type BuiltImage, buildImage, ROOT } from './built-image.ts'

const POLICY = fileURLToPath(new URL('../vectors/policy-example.yaml', import.meta.url))
const MISTAKES = fileURLToPath(new URL('../vectors/policy-mistakes.yaml', import.meta.url))

/** Imports each file that a role or a command could ever need: all but the two that run a program, and the one that is a thread of the tap. */
const IMPORT_ALL = `
  import { readdirSync } from 'node:fs'
  const files = readdirSync('src', { recursive: true }).filter(name => /(?<!^main|^client|^program|-thread)\\.ts$/.test(name))
  for (const file of files) await import(process.cwd() + '/src/' + file)
  console.log(files.length)`

/** Runs the entry point as the image would, with nothing of ours in the environment but what is given. */
function inImage(image: BuiltImage, args: readonly string[], settings: Readonly<Record<string, string>> = {}) {
  const given = Object.entries(settings).map(([name, value]) => `${name}=${value}`)
  return run('env', ['-i', '-C', '/', ...given, ...image.entryPoint, ...args])
}

describe('the image', () => {
  let image: BuiltImage
  let dir: string
  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), 'leasegate-run-'))
    image = await buildImage()
  })
  afterAll(async () => {
    await image?.remove()
    await rm(dir, { recursive: true, force: true })
  })

  const home = () => join(image.root, 'opt/leasegate')
  const installed = async (): Promise<readonly string[]> =>
    Object.keys(JSON.parse(await readFile(join(home(), 'node_modules/.package-lock.json'), 'utf8')).packages)

  test('has the packages that the program needs, and none that only its makers need', async () => {
    const { packages } = JSON.parse(await readFile(join(ROOT, 'package-lock.json'), 'utf8'))
    const wanted = Object.keys(packages).filter(path => path !== '' && packages[path].dev !== true)
    expect([...(await installed())].sort()).toEqual(wanted.sort())
  })

  test('lists exactly its packages in an SBOM without a time or a random id', async () => {
    const bom = JSON.parse(await readFile(join(image.root, 'usr/share/leasegate/sbom.cdx.json'), 'utf8'))
    expect({ format: bom.bomFormat, product: bom.metadata.component.name }).toEqual({
      format: 'CycloneDX',
      product: 'leasegate',
    })
    expect([bom.serialNumber, bom.metadata.timestamp]).toEqual([undefined, undefined])
    const listed = bom.components.map(({ name }: { readonly name: string }) => name)
    const names = (await installed()).map(path => path.split('node_modules/').at(-1))
    expect(new Set(listed)).toEqual(new Set(names))
  })

  test('has nothing beside the program, what it reads, its packages and their list', async () => {
    expect((await readdir(home())).sort()).toEqual([
      ...['envoy', 'node_modules', 'package.json', 'program', 'protos', 'src'],
    ])
    expect((await readdir(join(image.root, 'usr/share/leasegate'))).sort()).toEqual(['LICENSE', 'sbom.cdx.json'])
  })

  test('can load every file of the program', async () => {
    const args = ['-i', '-C', home(), process.execPath, '--input-type=module', '-e', IMPORT_ALL]
    const { code, stdout, stderr } = await run('env', args)
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    const sources = (await readdir(join(ROOT, 'src'), { recursive: true })).filter(name => name.endsWith('.ts'))
    expect(Number(stdout)).toBe(sources.length - 4)
  })

  test('names the lines of the source that it was made of, where something fails', async () => {
    const program = join(home(), 'program')
    expect(await readFile(join(program, 'leasegate.cjs'), 'utf8')).toContain('nameSourceLines()')
    const places: string[] = []
    for (const name of (await readdir(program)).filter(file => file.endsWith('.cjs'))) {
      const lines = (await readFile(join(program, name), 'utf8')).split('\n')
      const line = lines.findIndex(text => text.startsWith('function authorize('))
      if (line < 0) continue
      const map = new SourceMap(JSON.parse(await readFile(join(program, `${name}.map`), 'utf8')))
      const found = map.findEntry(line, 'function '.length)
      if (!('originalSource' in found)) throw new Error(`${name} has no source`)
      const source = (await readFile(join(program, found.originalSource), 'utf8')).split('\n')
      places.push(source[found.originalLine] ?? '')
    }
    expect(places).toEqual([expect.stringMatching(/^export function authorize\(/)])
  })

  test('tells its commands', async () => {
    const { code, stdout } = await inImage(image, ['--help'])
    expect({ code, named: ['authorizer', 'tap', 'broker', 'companion'].filter(role => stdout.includes(role)) }).toEqual(
      {
        code: 0,
        named: ['authorizer', 'tap', 'broker', 'companion'],
      },
    )
  })

  test.each([
    { role: 'authorizer', missing: 'LEASEGATE_REDIS_URL' },
    { role: 'broker', missing: 'LEASEGATE_SIGNING_KEYS_FILE' },
    { role: 'tap', missing: 'LEASEGATE_TAP_LISTEN' },
    { role: 'companion', missing: 'LEASEGATE_ENVOY_ADMIN_SOCKET' },
  ])('as $role says which settings are missing, and ends', async ({ role, missing }) => {
    const { code, stderr } = await inImage(image, [role])
    expect(code).toBe(2)
    expect(stderr).toMatch(/^leasegate: /)
    expect(stderr).toContain(`${missing} is not set`)
    expect(stderr).not.toMatch(/^\s+at /m)
  })

  test('checks a policy file, as before each start in a cluster', async () => {
    // Keys from where nobody looks now: the files that the example names come with an installation.
    const policy = join(dir, 'policy.yaml')
    const example = (await readFile(POLICY, 'utf8')).replace(', caFile: keys/corp-ca.pem', '')
    await writeFile(policy, example.replace('file: keys/cluster.jwks.json', 'url: https://cluster.example/keys'))
    expect(await inImage(image, ['policy', 'check', policy])).toMatchObject({ code: 0 })
    const { code, stderr } = await inImage(image, ['policy', 'check', MISTAKES])
    expect({ code, named: stderr.includes('policy-mistakes.yaml') }).toEqual({ code: 2, named: true })
  })

  test('has its saved queries, and the SQL of tables and roles', async () => {
    for (const [args, said] of [
      [['query', '--list'], 'denials'],
      [['migrate', '--script'], 'CREATE TABLE'],
      [['migrate', '--access'], 'CREATE ROLE'],
    ] as const) {
      const { code, stdout } = await inImage(image, args)
      expect({ args, code, said: stdout.includes(said) }).toEqual({ args, code: 0, said: true })
    }
  })

  test('has the database in it: migrates a directory of its own', async () => {
    const settings = { LEASEGATE_CLICKHOUSE_DIRECTORY: join(dir, 'record') }
    const first = await inImage(image, ['migrate'], settings)
    expect({ code: first.code, stderr: first.stderr, nothing: first.stdout === 'nothing to do\n' }).toEqual({
      code: 0,
      stderr: '',
      nothing: false,
    })
    expect((await inImage(image, ['migrate'], settings)).stdout).toBe('nothing to do\n')
  })

  test('starts as authorizer, is ready when its store is, and ends at SIGTERM', async () => {
    const valkey = await Valkey.start()
    let authorizer: ChildProcess | undefined
    try {
      const corp = await TestIssuer.create()
      const policyFile = join(dir, 'policy.yaml')
      const { name, issuer, audience, algorithms } = corp.issuer
      const issuers = [{ name, issuer, audience, algorithms, jwks: { file: corp.jwksFile } }]
      await writeFile(policyFile, stringify({ boundaryNamespace: 'leasegate', issuers, agents: [], templates: [] }))
      expect((await inImage(image, ['keys', 'init', '--dir', dir])).code).toBe(0)
      const health = join(dir, 'health.sock')
      const [program, ...args] = image.entryPoint
      authorizer = spawn(program, [...args, 'authorizer'], {
        cwd: '/',
        stdio: ['ignore', 'ignore', 'inherit'],
        env: {
          LEASEGATE_POLICY_FILE: policyFile,
          LEASEGATE_REDIS_URL: valkey.url,
          LEASEGATE_AUTHORIZER_LISTEN: `unix:${join(dir, 'authorizer.sock')}`,
          LEASEGATE_HEALTH_LISTEN: `unix:${health}`,
          LEASEGATE_PUBLIC_KEYS_FILE: join(dir, 'public.jwks.json'),
        },
      })
      await until('the authorizer to be ready', async () => (await statusOf(health, '/readyz')) === 200)
      await valkey.kill()
      await until('the authorizer to say that it is not', async () => (await statusOf(health, '/readyz')) === 503)
      const ended = once(authorizer, 'exit')
      authorizer.kill('SIGTERM')
      expect(await ended).toEqual([0, null])
    } finally {
      authorizer?.kill('SIGKILL')
      await valkey.stop()
    }
  })
})

describe('the image without the embedded database', () => {
  let image: BuiltImage
  beforeAll(async () => {
    image = await buildImage({ EMBEDDED: 'false' })
  })
  afterAll(() => image?.remove())

  test('has no native library, and says what to do about a directory of its own', async () => {
    const files = await readdir(join(image.root, 'opt/leasegate/node_modules'), { recursive: true })
    expect(files.filter(name => /\.(node|so)$/.test(name))).toEqual([])
    const { code, stderr } = await inImage(image, ['migrate'], { LEASEGATE_CLICKHOUSE_DIRECTORY: '/nowhere' })
    expect(code).toBe(1)
    expect(stderr).toContain('the optional package chdb is not installed: use a ClickHouse server')
  })
})

/** 0 while nothing answers. */
function statusOf(socketPath: string, path: string): Promise<number> {
  return new Promise(resolve => {
    const asking = get({ socketPath, path }, answer => {
      answer.resume()
      resolve(answer.statusCode ?? 0)
    })
    asking.on('error', () => resolve(0))
  })
}
