import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import packageJson from '../../package.json' with { type: 'json' }
import { contextPaths, ROOT, readDockerfile } from './built-image.ts'
import { argsOf, type Dockerfile, type Instruction, type Stage } from './dockerfile.ts'

describe('Dockerfile', () => {
  let file: Dockerfile
  let last: Stage
  beforeAll(async () => {
    file = await readDockerfile()
    last = file.stages.at(-1) ?? { image: '', name: '', instructions: [] }
  })

  const named = (name: string, among: readonly Instruction[] = last.instructions) =>
    among.filter(instruction => instruction.name === name)
  const copies = () => file.stages.flatMap(({ instructions }) => named('COPY', instructions))
  const fromContext = () =>
    copies().flatMap(({ flags, text }) => (flags['from'] === undefined ? text.split(/\s+/).slice(0, -1) : []))

  test('builds on images of one named version each, that an argument can name with a digest or from a mirror', () => {
    const defaults = Object.values(file.args)
    expect(file.stages.map(({ image }) => image)).toEqual(defaults)
    for (const image of defaults) expect(image).toMatch(/^[\w.-]+\.[\w-]+\/[\w./-]+:[\w.-]+$/)
    expect(defaults.filter(image => image.endsWith(':latest'))).toEqual([])
  })

  test('installs with the Node.js that the tests run on', () => {
    const [first] = file.stages
    expect(first?.image).toMatch(new RegExp(`/node:${packageJson.devDependencies.node}-`))
    expect(process.versions.node).toBe(packageJson.devDependencies.node)
  })

  test('takes both stages from one release of Debian: native code is installed in one and loaded in the other', () => {
    const releases = file.stages.map(({ image }) => /trixie|debian13/.exec(image)?.[0])
    expect(releases).toEqual(['trixie', 'debian13'])
  })

  test('uses what each stage but the last makes, and no other image', () => {
    const used = new Set(copies().flatMap(({ flags }) => flags['from'] ?? []))
    expect([...used]).toEqual(file.stages.slice(0, -1).map(({ name }) => name))
  })

  test('copies only what exists and .dockerignore lets through, and .dockerignore lets nothing else through', async () => {
    for (const path of fromContext()) await stat(join(ROOT, path))
    expect([...new Set(fromContext())].sort()).toEqual([...(await contextPaths())].sort())
  })

  test('copies nothing of the tests, the chart, the local edition or the history, but what makes the program', () => {
    const others = fromContext().filter(path => /^(\.|test|helm|local|\.git|node_modules)(\/|$)/.test(path))
    expect(others).toEqual(['local/release/bundle.ts', 'local/release/program.ts'])
    expect(copies().filter(({ text }) => text.startsWith('local'))).toEqual(
      named('COPY', file.stages[0]?.instructions).filter(({ text }) => text.startsWith('local')),
    )
  })

  test('gives all that it copies one mode that nobody may write by, whatever the checkout has', () => {
    expect(copies().map(({ flags }) => flags['chmod'])).toEqual(copies().map(() => '0555'))
  })

  test('ends without root and without a shell', () => {
    expect(last.image).toMatch(/^gcr\.io\/distroless\/.*:nonroot$/)
    expect(named('USER').map(({ text }) => text)).toEqual(['65532:65532'])
    expect(named('ENTRYPOINT')[0]?.words?.[0]).toBe('/nodejs/bin/node')
    for (const { words } of [...named('ENTRYPOINT'), ...named('CMD')]) expect(words).not.toBeNull()
    expect([...named('RUN'), ...named('SHELL'), ...named('HEALTHCHECK')]).toEqual([])
  })

  test('puts no secret and no clock into a layer', () => {
    for (const { instructions } of file.stages) {
      expect(named('ADD', instructions)).toEqual([])
      expect(Object.keys(argsOf(instructions)).filter(name => /token|password|secret|key/i.test(name))).toEqual([])
      for (const { text } of named('RUN', instructions)) expect(text).not.toMatch(/\bdate\b|Date\.now|new Date/)
    }
    const [label] = named('LABEL')
    expect(label?.text).not.toContain('org.opencontainers.image.created')
  })

  test('is labelled with the version and the licence of the package', () => {
    const [label] = named('LABEL')
    expect(argsOf(last.instructions)['VERSION']).toBe(packageJson.version)
    expect(label?.text).toContain(`org.opencontainers.image.licenses="${packageJson.license}"`)
    expect(label?.text).toContain(`org.opencontainers.image.version="$\{VERSION}"`)
  })
})
