import { type ChildProcess, spawn } from 'node:child_process'

/** The kernel is not done with processes at the moment when they are gone: their folders are tried for ten seconds. */
const SCRIPT = `
groups=' '
folders=
while read -r what it; do
  case $what in
    watch) groups="$groups$it " ;;
    release) case $groups in *" $it "*) groups="\${groups%% $it *} \${groups#* $it }" ;; esac ;;
    remove) folders="$folders $it" ;;
  esac
done
for group in $groups; do kill -9 "-$group" 2>/dev/null; done
tries=0
while [ -n "$folders" ] && [ $tries -lt 100 ]; do
  left=
  for folder in $folders; do
    find "$folder" -depth -type d -exec rmdir {} ';' 2>/dev/null
    if [ -e "$folder" ]; then left="$left $folder"; fi
  done
  folders=$left
  tries=$((tries + 1))
  if [ -n "$folders" ]; then sleep 0.1; fi
done
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

  /** A folder that holds folders alone, or what goes with them, such as a control group: removed at our end, after the processes. */
  remove(folder: string): void {
    this.#shell.stdin?.write(`remove ${folder}\n`)
  }

  /** What is still watched ends with it. */
  stop(): void {
    this.#shell.stdin?.end()
  }
}
