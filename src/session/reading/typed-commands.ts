import { parseWindowSize } from '../recording/parse-window-size.ts'
import type { SessionEvent } from '../recording/session-event.ts'
import { EventText } from './event-text.ts'
import { ScreenLine } from './screen-line.ts'

export interface TypedCommand {
  /** When it was sent off. */
  readonly atMs: number
  readonly command: string
  /** `marks`: the shell said so itself (OSC 133). `echo`: it stood behind what looks like a prompt when Enter was typed. */
  readonly known: 'marks' | 'echo'
  /** By marks alone, where the shell tells. */
  readonly exitCode: number | null
}

/** How prompts end: `$`, `#`, `%`, `>` and the arrows of some themes. */
const PROMPT = /[$#%>❯➜λ]\s?$/u
const USUAL_WIDTH = 80
const ENTER = /[\r\n]/
/** Marks within one line that are heard; an honest shell sets four. */
const MOST_MARKS = 1024

/**
 * What was typed at the prompts of an interactive shell, as it stood on the terminal: history, completion and corrections are in it. It does
 * not see what a script, an editor or an encoded text does, nor anything where the terminal did not echo; a prompt of its own making it may miss.
 */
export async function typedCommands(events: AsyncIterable<SessionEvent>): Promise<readonly TypedCommand[]> {
  const reader = new CommandReader()
  for await (const event of events) reader.read(event)
  return reader.commands
}

/** Reads a session event by event. */
export class CommandReader {
  /** Found so far; an exit code may come to the last of them yet. */
  readonly commands: TypedCommand[] = []
  readonly #text = new EventText()
  #atMs = 0
  readonly #line: ScreenLine
  /** What stood in the line before anything was typed in it. */
  #prompt: string | null = null
  /** Enter was typed, and its line is not over yet. */
  #sentMs: number | null = null
  /** Changes of the line until then. */
  #sentAt = 0
  /** From the first mark on nothing is guessed. */
  #marked = false
  /** In this line. */
  #marks = 0
  /** The cell in which the command begins, between the marks B and C. */
  #begins: number | null = null

  constructor() {
    const line = (text: string) => this.#lineOver(text)
    this.#line = new ScreenLine({ line, command: text => this.#mark(text) })
    this.#line.width = USUAL_WIDTH
  }

  read(event: SessionEvent): void {
    this.#atMs = event.atMs
    if (event.kind === 'output') this.#line.write(this.#text.of(event))
    if (event.kind === 'input') this.#typed(this.#text.of(event))
    if (event.kind === 'resize') this.#line.width = parseWindowSize(this.#text.of(event))?.columns ?? USUAL_WIDTH
  }

  #typed(text: string): void {
    // A command that does not echo wrote no line end behind Enter: what it was asked stands before the next prompt.
    if (this.#sentMs !== null && this.#line.changes !== this.#sentAt) this.#begin()
    this.#prompt ??= this.#line.text
    if (!ENTER.test(text) || this.#sentMs !== null) return
    this.#sentMs = this.#atMs
    this.#sentAt = this.#line.changes
  }

  #lineOver(line: string): void {
    if (this.#begins !== null) this.#add(this.#line.from(this.#begins), 'marks')
    this.#begins = null
    this.#marks = 0
    const [prompt, sent] = [this.#prompt ?? '', this.#sentMs !== null]
    if (sent && !this.#marked && !this.#line.alternate && PROMPT.test(prompt) && line.startsWith(prompt)) {
      this.#add(line.slice(prompt.length), 'echo')
    }
    this.#begin()
  }

  #begin(): void {
    this.#prompt = null
    this.#sentMs = null
  }

  /** https://gitlab.freedesktop.org/Per_Bothner/specifications/blob/master/proposals/semantic-prompts.md */
  #mark(text: string): void {
    const [code, what, exit = ''] = text.split(';', 3)
    if (code !== '133' || ++this.#marks > MOST_MARKS) return
    this.#marked = true
    if (what === 'B') this.#begins = this.#line.length
    if (what === 'C' && this.#begins !== null) {
      this.#add(this.#line.from(this.#begins), 'marks')
      this.#begins = null
    }
    const last = this.commands.at(-1)
    if (what !== 'D' || last?.known !== 'marks' || last.exitCode !== null || !/^\d{1,3}$/.test(exit)) return
    this.commands[this.commands.length - 1] = { ...last, exitCode: Number(exit) }
  }

  #add(text: string, known: TypedCommand['known']): void {
    const command = text.trim()
    if (command !== '') this.commands.push({ atMs: this.#sentMs ?? this.#atMs, command, known, exitCode: null })
  }
}
