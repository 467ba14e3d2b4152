import type { Command } from 'commander'

/** What may follow a command: its subcommands and its options. */
export interface Following {
  /** `''` for leasegate itself, else each word with a space in front: ` lease request`. */
  readonly path: string
  readonly words: readonly string[]
}

/** The whole tree, so that a shell need not start us for each word. Only names of ours: plain letters, digits and dashes. */
export function followingWords(command: Command, path = ''): readonly Following[] {
  const children = command.commands
  const options = command.options.filter(({ hidden }) => !hidden).flatMap(({ long }) => long ?? [])
  const words = [...children.map(child => child.name()), ...options, '--help']
  return [{ path, words }, ...children.flatMap(child => followingWords(child, `${path} ${child.name()}`))]
}
