import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { leasegate } from '../../cli/leasegate.ts'
import {
  CHART,
  containersIn,
  helm,
  type Loose,
  NAMESPACE,
  objectsIn,
  podsIn,
  RELEASE,
  render,
  scenarios,
  valuesOf,
} from '../chart/a-chart.ts'
import { runbooks } from './an-alarm.ts'

async function notes(values: Loose): Promise<string> {
  const args = ['install', RELEASE, CHART, '--namespace', NAMESPACE, '--dry-run=client']
  const { code, stdout, stderr } = await helm(args, values)
  expect({ code, stderr: code === 0 ? '' : stderr }).toEqual({ code: 0, stderr: '' })
  return stdout.split('\nNOTES:\n')[1] ?? ''
}

const warnings = (text: string): readonly string[] => text.match(/^WARNING.*$/gm) ?? []

describe('NOTES.txt', () => {
  test.each([
    {
      name: 'embedded',
      changes: {},
      warns: [/evaluation: one Valkey and one tap, no failover, .*one volume/, /agentNamespaces is empty/],
    },
    { name: 'minimal', changes: { networkPolicy: { agentNamespaces: ['agents'] } }, warns: [] },
    { name: 'minimal', changes: { networkPolicy: { enabled: false } }, warns: [/networkPolicy.enabled is off/] },
    { name: 'policy-configmap-own-roles', changes: {}, warns: [/leasegate policy rbac/, /agentNamespaces is empty/] },
    {
      name: 'policy-configmap',
      changes: { rbac: { create: true, policy: { agents: [{ name: 'a' }], templates: [] } } },
      warns: [/nobody can get a lease/, /agentNamespaces is empty/],
    },
    {
      name: 'sessions',
      changes: { sessions: { enabled: true, spool: { persistent: false } } },
      warns: [/spool\.persistent is off: .* is lost/, /agentNamespaces is empty/],
    },
    {
      name: 'monitoring',
      changes: { metrics: { prometheusRule: { enabled: true } } },
      warns: [/agentNamespaces is empty/, /must call the jobs lg-leasegate-envoy,/],
    },
  ])('warns of what is not safe in $name with $changes', async ({ name, changes, warns }) => {
    const text = await notes({ ...(await valuesOf(name)), ...changes })
    expect(warnings(text)).toEqual(warns.map(each => expect.stringMatching(each)))
  })

  test('says that nobody watches, until somebody does', async () => {
    expect(await notes(await valuesOf('minimal'))).toContain('Nobody watches it yet')
    expect(await notes(await valuesOf('monitoring'))).not.toMatch(/Nobody watches|nobody is alarmed/)
  })

  test('are short, and name what is there, in every scenario', async () => {
    for (const { name } of await scenarios()) {
      const values = await valuesOf(name)
      const text = await notes(values)
      expect(text.split('\n').length).toBeLessThan(55)
      expect(text).not.toMatch(/<no value>|%!|map\[/)
      const names = objectsIn(await render(values)).map(({ metadata }) => metadata.name)
      for (const [, deployment] of text.matchAll(/deployment\/(\S+)/g)) expect(names).toContain(deployment)
    }
  })

  test('tell who records sessions how to keep a copy of their keys', async () => {
    const copy = (text: string) => /kubectl get secret -n \S+ (\S+) -o jsonpath='(\S*session\S*)'/.exec(text)?.slice(1)
    const key = '{.data.session\\.keys\\.json}'
    expect(copy(await notes(await valuesOf('sessions')))).toEqual(['leasegate-session-keys', key])
    const made = await notes({ ...(await valuesOf('minimal')), sessions: { enabled: true } })
    expect(copy(made)).toEqual(['lg-leasegate-session-keys', key])
    expect(copy(await notes(await valuesOf('minimal')))).toBeUndefined()
  })

  test('name commands that there are', async () => {
    const named = commandsIn(await notes(await valuesOf('minimal')), /^ +(?:\w+=\S+ )?leasegate (.+)$/gm)
    expect(named.map(({ command }) => command)).toEqual([
      ['lease', 'request'],
      ['kubeconfig'],
      ['approvals'],
      ['approve'],
      ['sql'],
    ])
    await allThere(named)
  })
})

describe('runbooks', () => {
  test('name commands that there are', async () => {
    const named = [...(await runbooks()).values()].flatMap(text =>
      commandsIn(codeIn(text), /^(?:leasegate|inside (?:tap|authorizer)) (.+)$/gm),
    )
    expect(named.length).toBeGreaterThan(10)
    await allThere(named)
  })
})

/** Lines of blocks, and what stands between backticks as one line each. */
function codeIn(markdown: string): string {
  const blocks = [...markdown.matchAll(/^```sh\n([^`]+)```$/gm)].map(([, code = '']) => code)
  const spans = markdown.replaceAll(/^```sh\n[^`]+```$/gm, '').matchAll(/`([^`]+)`/g)
  return [...blocks, ...[...spans].map(([, span = '']) => span.replaceAll('\n', ' '))].join('\n')
}

interface Named {
  readonly command: readonly string[]
  readonly options: readonly string[]
}

/** What is named by words in small letters, and the options behind it. */
function commandsIn(text: string, pattern: RegExp): readonly Named[] {
  return [...text.matchAll(pattern)].map(([, line = '']) => ({
    command: /^[a-z-]+(?: (?!-)[a-z-]+)*/.exec(line)?.[0].split(' ') ?? [],
    options: line.match(/(?<= )--[a-z-]+/g) ?? [],
  }))
}

async function allThere(named: readonly Named[]): Promise<void> {
  for (const { command, options } of new Map(named.map(each => [JSON.stringify(each), each])).values()) {
    const { code, stdout } = await leasegate([...command, '--help'], {})
    const missing = options.filter(option => !stdout.includes(option))
    expect({ command, code, missing, usage: stdout.split(' [')[0] }).toEqual({
      command,
      code: 0,
      missing: [],
      usage: `Usage: leasegate ${command.join(' ')}`,
    })
  }
}

describe('Chart.yaml', async () => {
  const chart = parse(await readFile(join(CHART, 'Chart.yaml'), 'utf8'))

  test('lists the images that the chart uses, as it uses them', async () => {
    const images = parse(chart.annotations['artifacthub.io/images']).map(({ image }: Loose) => image)
    const used = podsIn(objectsIn(await render(await valuesOf('embedded')))).flatMap(({ spec }) =>
      containersIn(spec).map(({ image }) => image),
    )
    // Of our own there is none yet that anybody could pull.
    const others = used.filter(image => !/^registry\.corp\.example\//.test(image))
    expect([...new Set(others)].sort()).toEqual(images.sort())
  })

  test('names the version of the program, and an icon and runbooks that the project holds', async () => {
    const { version } = JSON.parse(await readFile(join(CHART, '../../package.json'), 'utf8'))
    expect(chart.appVersion).toBe(version)
    const links: readonly Loose[] = parse(chart.annotations['artifacthub.io/links'])
    const held = [chart.icon, links.find(({ name }) => name === 'runbooks')?.url].map(
      url =>
        /^https:\/\/(?:raw\.githubusercontent\.com|github\.com)\/leasegate\/leasegate\/(?:blob\/)?main\/(.+)$/.exec(
          url,
        )?.[1],
    )
    for (const path of held)
      expect((await readFile(join(CHART, '../..', path ?? ''), 'utf8')).length).toBeGreaterThan(0)
  })
})
