import { readFile } from 'node:fs/promises'
import { unfitServerUrl } from '../../support/net/server-url.ts'
import { ok, type Parsed, problem } from '../../support/text/parsed.ts'
import { parseWitnessKey, type Witness } from './cosignature.ts'

export interface KnownWitness extends Witness {
  /** Its submission prefix; null where there is none, and nothing is sent. */
  readonly url: string | null
}

/** Who has to have seen a checkpoint (c2sp.org/tlog-policy). */
export interface WitnessPolicy {
  readonly witnesses: readonly KnownWitness[]
  /** Whether these are enough. */
  isQuorum(cosigned: ReadonlySet<KnownWitness>): boolean
}

/** Members of the quorum: a witness, or so many of a group. */
type Member = (cosigned: ReadonlySet<KnownWitness>) => boolean

const MOST = 32

/** The message names the line, from 1 on. Logs that it names are left alone: which ones there are the folder says. */
export function parseWitnessPolicy(text: string): Parsed<WitnessPolicy> {
  const read = new Reading()
  for (const [index, line] of text.split('\n').entries()) {
    const words = line.split(/[ \t]+/).filter(word => word !== '')
    if (words.length === 0 || words[0]?.startsWith('#')) continue
    const wrong = read.line(words)
    if (wrong !== null) return problem(`line ${index + 1} ${wrong}`)
  }
  return read.end()
}

/** Rejects where it cannot be used; the message names the file. */
export async function readWitnessPolicy(file: string): Promise<WitnessPolicy> {
  const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    throw new Error(`${file} cannot be read (${error.code ?? 'unknown error'})`)
  })
  const parsed = parseWitnessPolicy(text)
  if (parsed.kind === 'problem') throw new Error(`${file}: ${parsed.message}`)
  return parsed.value
}

class Reading {
  readonly #members = new Map<string, Member>()
  readonly #used = new Set<string>()
  readonly #witnesses: KnownWitness[] = []
  #quorum: Member | null = null

  /** What is wrong with it. */
  line([word, ...rest]: readonly string[]): string | null {
    switch (word) {
      case 'log':
        return null
      case 'witness':
        return this.#witness(rest)
      case 'group':
        return this.#group(rest)
      case 'quorum':
        return this.#setQuorum(rest)
      default:
        return 'begins with none of log, witness, group, quorum'
    }
  }

  end(): Parsed<WitnessPolicy> {
    const isQuorum = this.#quorum
    return isQuorum === null ? problem('has no quorum') : ok({ witnesses: this.#witnesses, isQuorum })
  }

  #witness([name = '', vkey = '', url, ...more]: readonly string[]): string | null {
    if (more.length > 0 || !this.#isNew(name)) return 'names no new witness'
    const parsed = parseWitnessKey(vkey)
    if (parsed.kind === 'problem') return parsed.message
    if (this.#witnesses.some(({ key }) => key.equals(parsed.value.key))) return 'has the key of another witness'
    const unfit = url === undefined ? null : unfitServerUrl(url)
    if (unfit !== null) return `has a URL that must ${unfit}`
    if (this.#witnesses.length >= MOST) return `is one witness more than ${MOST}`
    const witness: KnownWitness = { ...parsed.value, url: url ?? null }
    this.#witnesses.push(witness)
    this.#members.set(name, cosigned => cosigned.has(witness))
    return null
  }

  #group([name = '', wanted = '', ...names]: readonly string[]): string | null {
    if (!this.#isNew(name)) return 'names no new group'
    const members = names.flatMap(one => this.#members.get(one) ?? [])
    if (names.length === 0 || members.length < names.length) return 'has members that no line before it names'
    if (names.some(one => this.#used.has(one)) || new Set(names).size < names.length) return 'has a member twice'
    const enough = { all: names.length, any: 1 }[wanted] ?? (/^[1-9]\d{0,2}$/.test(wanted) ? Number(wanted) : 0)
    if (enough < 1 || enough > names.length) return 'does not say how many of its members'
    for (const one of names) this.#used.add(one)
    this.#members.set(name, cosigned => members.filter(member => member(cosigned)).length >= enough)
    return null
  }

  #setQuorum([name = '', ...more]: readonly string[]): string | null {
    const member = name === 'none' ? () => true : this.#members.get(name)
    if (this.#quorum !== null || more.length > 0 || member === undefined)
      return 'is no quorum of something named before'
    this.#quorum = member
    return null
  }

  #isNew(name: string): boolean {
    return name !== '' && name !== 'none' && !this.#members.has(name)
  }
}
