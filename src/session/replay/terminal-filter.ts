import { isDrawn, PRIVATE_DRAWN } from './drawing.ts'

const ESC = '\x1b'
/** Titles, links and the like are shorter; what is longer is shown, so that nothing hides behind a string that never ends. */
const MAX_STRING = 4096
const MAX_CSI = 64

type State = 'text' | 'escape' | 'charset' | 'intermediate' | 'csi' | 'string' | 'string-escape'

/** Begin a string up to ST or BEL: DCS, SOS, OSC, PM, APC. */
const STRINGS: ReadonlySet<string> = new Set(['P', 'X', ']', '^', '_'])
/** Save and restore the cursor, move it by a line. */
const SHORT: ReadonlySet<string> = new Set(['7', '8', 'D', 'E', 'M'])
/** Back, tab, line feeds, return; shift to the line-drawing set and back. */
const CONTROLS: ReadonlySet<string> = new Set(['\b', '\t', '\n', '\v', '\f', '\r', '\x0e', '\x0f'])
const CANCEL: ReadonlySet<string> = new Set(['\x18', '\x1a'])
/** Clears the screen, where the original would reset the terminal of who watches. */
const CLEARED = `${ESC}[0m${ESC}[H${ESC}[2J`
/**
 * C1 controls, which terminals take for escape sequences; what turns the direction of text round or its digits and joins into others; notes
 * between lines, and tags, in which a text can stand that nobody sees. Joiners stay: scripts and emoji want them.
 */
const HIDING = /[\u0080-\u009f\p{Bidi_Control}\u206a-\u206f\ufff9-\ufffb\u{e0000}-\u{e007f}]/u

/**
 * Lets through what draws, for the terminal of who watches a recording: text, colours, moves of the cursor, erasing, the alternate screen.
 * Whatever acts is left out: titles, clipboard, links, questions that the terminal would answer as if typed, modes of mouse and keys,
 * printing. Only what is known passes. Sequences may be split over any number of calls.
 */
export class TerminalFilter {
  #state: State = 'text'
  #held = ''
  #length = 0
  #leftOut = 0
  #alternate: string | null = null

  /** How many sequences did not pass. */
  get leftOut(): number {
    return this.#leftOut
  }

  filter(text: string): string {
    let shown = ''
    for (const character of text) shown += this.#next(character)
    return shown
  }

  /** Brings the terminal back to how it should be, whatever was shown. */
  end(): string {
    const leave = this.#alternate === null ? '' : `${ESC}[?${this.#alternate}l`
    // Setting the region moves the cursor: it is put back.
    return `${leave}${ESC}7${ESC}[r${ESC}8${ESC}[0m${ESC}(B\x0f${ESC}[?25h${ESC}[?7h${ESC}[4l`
  }

  #next(character: string): string {
    if (CANCEL.has(character)) return this.#drop()
    switch (this.#state) {
      case 'text':
        return this.#text(character)
      case 'escape':
        return this.#escape(character)
      case 'charset':
        return character === '0' || character === 'B' ? this.#pass(`${this.#held}${character}`) : this.#drop()
      case 'intermediate':
        return character >= ' ' && character <= '/' ? '' : this.#drop()
      case 'csi':
        return this.#csi(character)
      case 'string':
        return this.#string(character)
      case 'string-escape':
        return character === '\\' ? this.#drop() : this.#escape(character)
    }
  }

  #text(character: string): string {
    if (character === ESC) {
      this.#state = 'escape'
      return ''
    }
    if (character < ' ') return CONTROLS.has(character) ? character : ''
    return character === '\x7f' ? '' : HIDING.test(character) ? '\ufffd' : character
  }

  #escape(character: string): string {
    this.#held = `${ESC}${character}`
    this.#length = 0
    if (character === ESC) this.#state = 'escape'
    else if (character === '[') this.#state = 'csi'
    else if (STRINGS.has(character)) this.#state = 'string'
    else if (character === '(' || character === ')') this.#state = 'charset'
    else if (character >= ' ' && character <= '/') this.#state = 'intermediate'
    else if (SHORT.has(character)) return this.#pass(this.#held)
    else if (character === 'c') return this.#pass(CLEARED)
    else return this.#drop()
    return ''
  }

  #csi(character: string): string {
    if (character === ESC) return this.#escapeAgain()
    // Terminals obey a control character within a sequence at once.
    if (character < ' ') return CONTROLS.has(character) ? character : ''
    this.#held += character
    if (this.#held.length > MAX_CSI || character > '~') return this.#drop()
    if (character < '@') return ''
    return isDrawn(this.#held.slice(2)) ? this.#drawn(this.#held) : this.#drop()
  }

  #drawn(sequence: string): string {
    const [, mode = '', set] = /\?(\d+)([hl])$/.exec(sequence) ?? []
    if (PRIVATE_DRAWN.get(mode) === 'alternate') this.#alternate = set === 'h' ? mode : null
    return this.#pass(sequence)
  }

  #string(character: string): string {
    if (character === ESC) {
      this.#state = 'string-escape'
      return ''
    }
    this.#length += 1
    if (character === '\x07' || character === '\u009c') return this.#drop()
    if (character !== '\n' && this.#length <= MAX_STRING) return ''
    this.#drop()
    return this.#text(character)
  }

  #escapeAgain(): string {
    this.#leftOut += 1
    this.#state = 'escape'
    return ''
  }

  #drop(): string {
    if (this.#state !== 'text') this.#leftOut += 1
    return this.#pass('')
  }

  #pass(sequence: string): string {
    this.#state = 'text'
    this.#held = ''
    return sequence
  }
}
