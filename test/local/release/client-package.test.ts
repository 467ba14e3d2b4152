import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { builtinModules, createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseAst } from 'rolldown/parseAst'
import { afterAll, describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { must } from '../../../local/process/must.ts'
import { run } from '../../../local/process/run.ts'
import { licencesOf } from '../../../local/release/client/licences.ts'
import { CLIENT_COMMANDS, LOCAL_COMMANDS } from '../../../src/cli/commands.ts'
import { PLATFORM_COMMANDS, ROLE_COMMANDS } from '../../../src/cli/platform-commands.ts'
import { CliWorld } from '../../cli/cli-world.ts'
import { installClient } from '../../support/programs/installed-client.ts'

const ROOT = join(import.meta.dirname, '../../..')
const MIB = 1024 * 1024

const installed = await installClient()
const packages = await mkdtemp(join(tmpdir(), 'lg-packages-'))
afterAll(async () => {
  await installed[Symbol.asyncDispose]()
  await rm(packages, { recursive: true })
})

/** Times the CPU of an empty Node.js: Node's own HTTPS alone is twice that. */
const [ASKING, KEPT] = [4, 1.6]

/** CPU of a program on Node.js, milliseconds, by the shell that waited for it. */
async function cpuOf(args: readonly string[], env: Readonly<Record<string, string>>): Promise<number> {
  const script = '"$@" >/dev/null; code=$?; times >&2; exit $code'
  const { code, stderr } = await run('/bin/bash', ['-c', script, 'bash', process.execPath, ...args], { env })
  if (code !== 0) throw new Error(stderr)
  const parts = [...(stderr.trim().split('\n').at(-1) ?? '').matchAll(/(\d+)m([\d.]+)s/g)]
  return parts.reduce((sum, [, minutes, seconds]) => sum + Number(minutes) * 60_000 + Number(seconds) * 1000, 0)
}

async function modules(): Promise<readonly string[]> {
  const files = await readdir(join(installed.folder, 'dist'), { recursive: true })
  return files.filter(file => file.endsWith('.cjs')).map(file => join(installed.folder, 'dist', file))
}

/** What a module loads, at once or when it wants to. */
function wantedBy(text: string): readonly string[] {
  const found: string[] = []
  JSON.stringify(parseAst(text), (_, node) => {
    if (node?.type === 'CallExpression' && node.callee.name === 'require') found.push(node.arguments[0].value)
    if (/^(?:Import|Export)/.test(node?.type)) found.push(node.source?.value ?? node.type)
    return node
  })
  return found
}

describe('the package for agents and approvers, in an empty folder', () => {
  test('says its version and the commands that ask the broker, and no others', async () => {
    const { version } = JSON.parse(await readFile(join(ROOT, 'package.json'), 'utf8'))
    expect(await installed.leasegate(['--version'])).toMatchObject({ code: 0, stdout: `leasegate ${version}\n` })
    const { stdout } = await installed.leasegate(['--help'])
    const listed = [...stdout.matchAll(/^ {2}([a-z]+) /gm)].map(([, name = '']) => name)
    expect(listed).toEqual(
      expect.arrayContaining([...Object.keys({ ...CLIENT_COMMANDS, ...LOCAL_COMMANDS }), 'completion']),
    )
    expect(listed.filter(name => Object.hasOwn({ ...PLATFORM_COMMANDS, ...ROLE_COMMANDS }, name))).toEqual([])
  })

  test('loads every command of it', async () => {
    for (const name of [...Object.keys({ ...CLIENT_COMMANDS, ...LOCAL_COMMANDS }), 'completion']) {
      expect(await installed.leasegate([name, '--help'])).toMatchObject({ code: 0, stderr: '' })
    }
  })

  test('says what is not in it when that is asked for', async () => {
    const ran = await installed.leasegate(['lease', 'revoke', 'lse_1', '--direct'])
    expect(ran).toMatchObject({ code: 2, stdout: '' })
    expect(ran.stderr).toBe(
      'leasegate: not in this program, which asks the broker alone: take the whole leasegate for it\n',
    )
  })

  test('needs Node.js and nothing beside it, and is small', async () => {
    const texts = await Promise.all((await modules()).map(file => readFile(file, 'utf8')))
    const wanted = new Set(texts.flatMap(wantedBy).filter(name => !name.startsWith('.')))
    expect(wanted).toContain('node:tls')
    expect([...wanted].filter(name => !name.startsWith('node:') && !builtinModules.includes(name))).toEqual([])
    expect((await stat(installed.tarball)).size).toBeLessThan(3 * MIB)
  })

  test('can be published as it is: these files alone, nothing to install, to run or to import', async () => {
    const manifest = JSON.parse(await readFile(join(installed.folder, 'package.json'), 'utf8'))
    expect(manifest).toMatchObject({ license: 'Apache-2.0', engines: { node: '>=20.19' }, exports: {} })
    // Of what nobody imports there are no types.
    for (const key of ['main', 'module', 'types', 'typings']) expect(manifest).not.toHaveProperty(key)
    // A registry takes a package with provenance from this repository alone: the one that the chart names.
    const { sources } = parse(await readFile(join(ROOT, 'helm/leasegate/Chart.yaml'), 'utf8'))
    expect(manifest.publishConfig).toEqual({ provenance: true, access: 'public' })
    expect(manifest.repository).toEqual({ type: 'git', url: `git+${sources[0]}.git` })
    expect(Object.keys(manifest).filter(key => /dependencies|scripts|private|workspaces/i.test(key))).toEqual([])
    const packed = (await must('tar', ['-tzf', installed.tarball])).trim().split('\n')
    const beside = packed.filter(file => !/^package\/dist\/parts\/[\w.-]+\.cjs$/.test(file))
    expect(beside.toSorted()).toEqual([
      'package/CHANGELOG.md',
      'package/LICENSE',
      'package/README.md',
      'package/THIRD-PARTY-LICENSES.txt',
      'package/dist/leasegate.cjs',
      'package/package.json',
    ])
    const neighbour = createRequire(join(installed.folder, '../neighbour.cjs'))
    expect(() => neighbour.resolve('leasegate')).toThrow(
      expect.objectContaining({ code: 'ERR_PACKAGE_PATH_NOT_EXPORTED' }),
    )
  })

  test('is waited for by kubectl not much longer than an empty Node.js: where the broker is asked, and less where a token is kept', async () => {
    const world = await CliWorld.start()
    const env = { ...(await world.envOf('web-operator')), XDG_RUNTIME_DIR: packages }
    const wish = ['lease', 'request', '--template', 'restart-web', '--reason', 'it hangs', '-o', 'json']
    const { id } = JSON.parse((await installed.leasegate(wish, env)).stdout)
    const credential = [join(installed.folder, 'dist/leasegate.cjs'), 'credential', '--lease', id]
    const ways = {
      empty: () => cpuOf(['-e', '0'], {}),
      asking: () => cpuOf(credential, { ...env, LEASEGATE_TOKEN_CACHE: 'off' }),
      kept: () => cpuOf(credential, env),
    }
    const took = { empty: [0], asking: [0], kept: [0] }
    // The first round keeps what is compiled, and a token.
    for (let round = -1; round < 7; round++)
      for (const name of ['empty', 'asking', 'kept'] as const) {
        const ms = await ways[name]()
        if (round >= 0) took[name].push(ms)
      }
    await world.stop()
    const median = (times: readonly number[]) => times.toSorted((one, other) => one - other)[4] ?? 0
    const [asking, kept] = [took.asking, took.kept].map(times => median(times) / median(took.empty))
    expect(asking).toBeLessThan(ASKING)
    expect(kept).toBeLessThan(KEPT)
  })

  test('brings licences of what it holds', async () => {
    const text = await readFile(join(installed.folder, 'THIRD-PARTY-LICENSES.txt'), 'utf8')
    for (const name of ['commander', 'zod', 'yaml', '@modelcontextprotocol/server'])
      expect(text).toMatch(new RegExp(`^${name} [\\d.]+ \\([\\w.-]+\\)$`, 'm'))
    // Compiled into the SDK, and found by what its code says of itself.
    for (const name of ['ajv', 'fast-uri', 'content-type'])
      expect(text).toMatch(new RegExp(`^${name} [\\d.]+ \\(within`, 'm'))
    expect(text).toContain('Douglas Christopher Wilson')
  })
})

test.each([
  { named: 'GPL-3.0-only', files: ['LICENSE'], says: /other 1.0.0: its licence is GPL-3.0-only/ },
  { named: 'MIT', files: [], says: /other 1.0.0: it brings no text/ },
])('a package under $named with $files ends the packing', async ({ named, files, says }) => {
  const folder = join(packages, `node_modules/${named}`)
  await mkdir(folder, { recursive: true })
  await writeFile(join(folder, 'package.json'), JSON.stringify({ name: 'other', version: '1.0.0', license: named }))
  for (const file of files) await writeFile(join(folder, file), 'its words')
  await writeFile(join(folder, 'index.js'), '')
  await expect(licencesOf([join(folder, 'index.js')])).rejects.toThrow(says)
})

test('what is compiled into a package, and has no text here, ends the packing', async () => {
  const folder = join(packages, 'node_modules/host')
  await mkdir(folder, { recursive: true })
  await writeFile(join(folder, 'package.json'), JSON.stringify({ name: 'host', version: '1.0.0', license: 'MIT' }))
  await writeFile(join(folder, 'LICENSE'), 'its words')
  await writeFile(join(folder, 'index.js'), '//#region ../node_modules/.pnpm/@scope+guest@2.0.0/node_modules/x.js\n')
  await expect(licencesOf([join(folder, 'index.js')])).rejects.toThrow(/@scope\+guest@2\.0\.0 is compiled into/)
})
