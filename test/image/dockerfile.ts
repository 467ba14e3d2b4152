export interface Instruction {
  readonly name: string
  readonly flags: Readonly<Record<string, string>>
  /** What follows the flags, its lines joined. */
  readonly text: string
  /** The words of the JSON form, or null: whatever is not that goes through a shell where it is run. */
  readonly words: readonly string[] | null
}

export interface Stage {
  readonly image: string
  readonly name: string
  readonly instructions: readonly Instruction[]
}

export interface Dockerfile {
  /** `ARG`s before the first stage. */
  readonly args: Readonly<Record<string, string>>
  readonly stages: readonly Stage[]
}

/** As much of the format as our own file uses: no heredocs, no ONBUILD, no escape directive. */
export function parseDockerfile(text: string): Dockerfile {
  const instructions = logicalLines(text).map(toInstruction)
  const first = instructions.findIndex(({ name }) => name === 'FROM')
  const args = argsOf(instructions.slice(0, first))
  const stages: { image: string; name: string; instructions: Instruction[] }[] = []
  for (const instruction of instructions.slice(first)) {
    if (instruction.name === 'FROM') stages.push({ ...from(instruction, args, stages.length), instructions: [] })
    else stages.at(-1)?.instructions.push(instruction)
  }
  return { args, stages }
}

/** Names and defaults of the `ARG`s among these. */
export function argsOf(instructions: readonly Instruction[]): Readonly<Record<string, string>> {
  const args = instructions.filter(({ name }) => name === 'ARG').map(({ text }) => text.split('='))
  return Object.fromEntries(args.map(([name = '', ...value]) => [name, value.join('=')]))
}

export function substitute(text: string, values: Readonly<Record<string, string>>): string {
  return text.replace(/\$\{(\w+)\}/g, (_, name: string) => {
    const value = values[name]
    if (value === undefined) throw new Error(`no ARG ${name}`)
    return value
  })
}

function logicalLines(text: string): readonly string[] {
  const lines = text.split('\n').filter(line => !/^\s*(#|$)/.test(line))
  return lines.join('\n').replaceAll(/\\\n/g, '').split('\n')
}

function toInstruction(line: string): Instruction {
  const [, name = '', rest = ''] = /^(\w+)\s+(.*)$/.exec(line.trim()) ?? []
  const [flagText = ''] = /^(--\S+\s+)*/.exec(rest) ?? []
  const flags = [...flagText.matchAll(/--([\w-]+)=(\S+)/g)].map(([, flag = '', value = '']) => [flag, value])
  const text = rest.slice(flagText.length)
  return { name: name.toUpperCase(), flags: Object.fromEntries(flags), text, words: jsonWords(text) }
}

function jsonWords(text: string): readonly string[] | null {
  if (!text.startsWith('[')) return null
  const words: unknown = JSON.parse(text)
  return Array.isArray(words) && words.every(word => typeof word === 'string') ? words : null
}

function from({ text }: Instruction, args: Readonly<Record<string, string>>, index: number) {
  const [image = '', , name = String(index)] = text.split(/\s+/)
  return { image: substitute(image, args), name }
}
