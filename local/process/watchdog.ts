import { type ChildProcess, spawn } from 'node:child_process'

const SCRIPT = `
groups=' '
while read -r what group; do
  case $what in
    watch) groups="$groups$group " ;;
    release) case $groups in *" $group "*) groups="\${groups%% $group *} \${groups#* $group }" ;; esac ;;
  esac
done
for group in $groups; do kill -9 "-$group" 2>/dev/null; done
`

/**
 * Ends process groups when we die without having done so: by SIGKILL, SIGHUP or a crash of Node, where nothing of ours runs any more.
 * A shell in a session of its own, which no Ctrl-C reaches, reads from us; the end of its input is our end.
 */
export class Watchdog {
  readonly #shell: ChildProcess

  constructor() {
    this.#shell = spawn('sh', ['-c', SCRIPT], { detached: true, stdio: ['pipe', 'ignore', 'ignore'] })
    this.#shell.on('error', () => undefined)
    this.#shell.stdin?.on('error', () => undefined)
    // Neither keeps us from ending.
    this.#shell.unref()
    if (this.#shell.stdin !== null && 'unref' in this.#shell.stdin) (this.#shell.stdin as { unref(): void }).unref()
  }

  watch(group: number): void {
    this.#shell.stdin?.write(`watch ${group}\n`)
  }

  release(group: number): void {
    this.#shell.stdin?.write(`release ${group}\n`)
  }

  /** What is still watched ends with it. */
  stop(): void {
    this.#shell.stdin?.end()
  }
}
