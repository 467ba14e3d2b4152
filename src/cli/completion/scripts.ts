import type { Following } from './words.ts'

export const SHELLS = ['bash', 'zsh', 'fish'] as const
export type Shell = (typeof SHELLS)[number]

export function completionScript(shell: Shell, tree: readonly Following[]): string {
  switch (shell) {
    case 'bash':
      return bash(tree)
    case 'zsh':
      return `autoload -U +X compinit && compinit\nautoload -U +X bashcompinit && bashcompinit\n${bash(tree)}`
    case 'fish':
      return fish(tree)
  }
}

/** For bash 3.2 as well, which macOS has: no associative arrays. Where no word fits, names of files do. */
function bash(tree: readonly Following[]): string {
  const paths = tree.filter(({ path }) => path !== '').map(({ path }) => `'${path}'`)
  return `_leasegate() {
  local path='' words='' i
  for ((i = 1; i < COMP_CWORD; i++)); do
    case "$path \${COMP_WORDS[i]}" in
      ${paths.join('|')}) path="$path \${COMP_WORDS[i]}" ;;
    esac
  done
  case "$path" in
${tree.map(({ path, words }) => `    '${path}') words='${words.join(' ')}' ;;`).join('\n')}
  esac
  COMPREPLY=($(compgen -W "$words" -- "\${COMP_WORDS[COMP_CWORD]}"))
}
complete -o default -F _leasegate leasegate
`
}

/** As in bash: names of files where no word fits, such as for the value of an option. */
function fish(tree: readonly Following[]): string {
  const paths = tree.filter(({ path }) => path !== '').map(({ path }) => `'${path}'`)
  return `function __leasegate_words
  set -l path ''
  for word in (commandline -opc)[2..-1]
    switch "$path $word"
      case ${paths.join(' ')}
        set path "$path $word"
    end
  end
  set -l words
  switch "$path"
${tree.map(({ path, words }) => `    case '${path}'\n      set words ${words.join(' ')}`).join('\n')}
  end
  set -l begun (commandline -ct)
  set -l fitting (string match --regex -- '^'(string escape --style=regex -- "$begun")'.*' $words)
  if test (count $fitting) -gt 0
    printf '%s\\n' $fitting
  else
    __fish_complete_path "$begun"
  end
end
complete -c leasegate -f -a '(__leasegate_words)'
`
}
