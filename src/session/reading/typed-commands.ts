import { parseWindowSize } from '../recording/parse-window-size.ts'
import type { SessionEvent } from '../recording/session-event.ts'
import { EventText } from './event-text.ts'
import { asksForMore, OpenCommand } from './open-command.ts'
import { ScreenLine } from './screen-line.ts'

export interface TypedCommand {
  /** When it was sent off. */
  readonly atMs: number
  readonly command: string
  /** `marks`: the shell said so itself (OSC 133). `echo`: it stood behind what looks like a prompt when Enter was typed. */
  readonly known: 'marks' | 'echo'
  /** By marks alone, where the shell tells. */
  readonly exitCode: number | null
  /** It looks like the rest of what stands before it: by itself it says neither what ran nor what in it is a credential. */
  readonly continues?: true
}

/** How prompts end: `$`, `#`, `%`, `>` and the arrows of some themes. */
const PROMPT = /[$#%>❯➜λ]\s?$/u
const USUAL_WIDTH = 80
const ENTER = /[\r\n]/
const GIVEN_UP = '\x03'
/** Marks within one line that are heard; an honest shell sets four. */
const MOST_MARKS = 1024
/** Cells of it that are looked at; the cost of marks must not grow with the line. */
const LONGEST_PROMPT = 64

/**
 * What was typed at the prompts of an interactive shell, as it stood on the terminal: history, completion and corrections are in it. It does
 * not see what a script, an editor or an encoded text does, nor anything where the terminal did not echo; a prompt of its own making it may miss.
 */
export async function typedCommands(events: AsyncIterable<SessionEvent>): Promise<readonly TypedCommand[]> {
  const commands: TypedCommand[] = []
  const reader = new CommandReader((command, index) => {
    commands[index] = command
  })
  for await (const event of events) reader.read(event)
  return commands
}

/** Hears of each command when it was sent off, and of the last one again when its exit code comes. */
type Heard = (command: TypedCommand, index: number) => void

/** Reads a session event by event, and keeps of it its line and its last command. */
export class CommandReader {
  readonly #heard: Heard
  #last: TypedCommand | null = null
  #found = 0
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
  /** What came last; null: nothing goes on from before. */
  #before: { readonly prompt: string } | null = null
  readonly #open = new OpenCommand()

  constructor(heard: Heard) {
    this.#heard = heard
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
    if (text.includes(GIVEN_UP)) this.#before = null
    // A command that does not echo wrote no line end behind Enter: what it was asked stands before the next prompt.
    if (this.#sentMs !== null && this.#line.changes !== this.#sentAt) this.#begin()
    this.#prompt ??= this.#line.text
    if (!ENTER.test(text) || this.#sentMs !== null) return
    this.#sentMs = this.#atMs
    this.#sentAt = this.#line.changes
  }

  #lineOver(line: string): void {
    this.#markedUntilHere()
    this.#marks = 0
    const [prompt, sent] = [this.#prompt ?? '', this.#sentMs !== null]
    if (sent && !this.#marked && !this.#line.alternate && PROMPT.test(prompt) && line.startsWith(prompt)) {
      this.#add(line.slice(prompt.length), 'echo', prompt)
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
    if (what === 'C') this.#markedUntilHere()
    // The shell has read all of it.
    if (what === 'C' || what === 'D') this.#before = null
    const last = this.#last
    if (what !== 'D' || last?.known !== 'marks' || last.exitCode !== null || !/^\d{1,3}$/.test(exit)) return
    this.#tell({ ...last, exitCode: Number(exit) })
  }

  #markedUntilHere(): void {
    if (this.#begins === null) return
    const prompt = this.#line.from(Math.max(0, this.#begins - LONGEST_PROMPT), this.#begins)
    this.#add(this.#line.from(this.#begins), 'marks', prompt)
    this.#begins = null
  }

  #add(text: string, known: TypedCommand['known'], prompt: string): void {
    const command = text.trim()
    const continues = this.#goesOn(prompt)
    if (!continues) {
      this.#open.over()
      this.#before = { prompt }
    }
    this.#open.add(command)
    if (command === '') return
    this.#found += 1
    this.#tell({
      ...{ atMs: this.#sentMs ?? this.#atMs, command, known, exitCode: null },
      ...(continues && { continues }),
    })
  }

  #tell(command: TypedCommand): void {
    this.#last = command
    this.#heard(command, this.#found - 1)
  }

  #goesOn(prompt: string): boolean {
    if (this.#before === null) return false
    return asksForMore(prompt) || (this.#open.isOpen && prompt !== this.#before.prompt)
  }
}
