import { readFile } from 'node:fs/promises'
import { Command } from 'commander'
import type { z } from 'zod'
import { describeQuorum } from '../../approval/people/groups.ts'
import { LEASE } from '../../identity/token/lease-claims.ts'
import type { Lease } from '../../lease/lease.ts'
import { weighedRisks } from '../../policy/judge/judge.ts'
import { judgeSent } from '../../policy/judge/judge-sent.ts'
import type { WeighedRisk } from '../../policy/judge/weigh.ts'
import type { Policy } from '../../policy/policy.ts'
import { readAnywhere } from '../../request/read-request.ts'
import { CliError } from '../command/cli-error.ts'
import type { Terminal } from '../command/terminal.ts'
import { readPolicy } from '../policy/read-policy.ts'
import { parseLine } from './parse-line.ts'
import { readLines } from './read-lines.ts'

interface Options {
  readonly policy?: string
  readonly lease?: string
}

interface Judges {
  readonly policy: Policy
  readonly lease: Lease
}

export function explainCommand(terminal: Terminal): Command {
  return new Command('explain')
    .option('--policy <file>', 'policy file to judge by')
    .option('--lease <file>', 'lease to judge by, as `leasegate lease show -o json` prints it')
    .addHelpText(
      'after',
      '\na line: {"method", "path", "headers": {name: string or list of strings}, "body"?, "source"?: address it comes from}',
    )
    .action(async (options: Options) => {
      const judges = await readJudges(options)
      let [number, bad] = [0, 0]
      for await (const line of readLines(terminal.stdin)) {
        number += 1
        if (line.trim() === '') continue
        const explained = explain(line, number, judges)
        if ('error' in explained) bad += 1
        terminal.print(`${JSON.stringify(explained)}\n`)
      }
      if (bad > 0) throw new CliError('usage', `${bad} of ${number} lines could not be read`)
    })
}

function explain(line: string, number: number, judges: Judges | null): object {
  const parsed = parseLine(line)
  if (parsed.kind === 'problem') {
    return { request: null, refused: null, verdict: null, error: `line ${number}: ${parsed.message}` }
  }
  const read = readAnywhere(parsed.value)
  if (read.kind === 'refused') {
    const { reason, detail, info = null } = read
    const verdict = judges && { kind: 'deny', reason, detail, risk: null }
    return { request: info, refused: reason, verdict }
  }
  const { request } = read
  if (judges === null) return { request: request.info, refused: null, verdict: null }
  const asked = { request, ...judges }
  const verdict = judgeSent({ ...asked, source: parsed.value.source })
  return { request: request.info, refused: null, verdict, risks: weighedRisks(asked).map(shown) }
}

/** With who has to say yes in words. */
function shown({ quorum, ...risk }: WeighedRisk): object {
  return quorum === undefined ? risk : { ...risk, people: describeQuorum(quorum) }
}

async function readJudges({ policy, lease }: Options): Promise<Judges | null> {
  if (policy === undefined && lease === undefined) return null
  if (policy === undefined || lease === undefined)
    throw new CliError('usage', 'to judge, name both --policy and --lease')
  return { policy: await readPolicy(policy), lease: await readLease(lease) }
}

async function readLease(file: string): Promise<Lease> {
  const text = await readFile(file, 'utf8').catch(cause => {
    throw new CliError('usage', `cannot read the lease file ${file}`, cause)
  })
  const lease = LEASE.safeParse(withoutState(parseJson(text)))
  if (lease.success) return lease.data
  throw new CliError('usage', `${file} is not a lease: ${lease.error.issues.map(describe).join('; ')}`)
}

/** What became of a lease is shown beside it, and is no part of it. */
function withoutState(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value
  const { state: _, taken: __, ...lease } = value as Readonly<Record<string, unknown>>
  return lease
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}

function describe({ path, message }: z.core.$ZodIssue): string {
  return path.length === 0 ? message : `${path.join('.')}: ${message}`
}
