const ESC = 0x1b
const DELETE = 0x7f
/** Arrows, Home, F1 and their like, with modifiers or numbers (xterm, VT220, the Linux console), pastes, focus, and what the mouse does. */
const KEY = new RegExp(
  [
    /O[A-DFHMPQRSj-y]/,
    /\[[A-FHIOPQRSZ]/,
    /\[\[[A-E]/,
    /\[\d\d?(?:;\d\d?)?[~$^]/,
    /\[20[01]~/,
    /\[1;\d\d?[A-FHPQRS]/,
    /\[\d{1,3};\d{1,3}R/,
    /\[<\d{1,3};\d{1,4};\d{1,4}[Mm]/,
  ]
    .map(({ source }) => `^${source}$`)
    .join('|'),
)
/** What one of them may begin with. */
const BEGINS = /^(?:O|\[|\[\[|\[<?\d[\d;]{0,12}|\[<)$/

/**
 * Tells keys that move or erase from characters, as they are typed. What is no whole key, or not yet, is characters: who hides what does not
 * show must not be made to take them for a key.
 */
export class Keys {
  /** What came behind an escape. */
  #behind: string | null = null

  /** How many of the bytes up to this one, and with it, are a key that shows no character. */
  key(byte: number): number {
    if (byte < 0x20 || byte === DELETE) {
      this.#behind = byte === ESC ? '' : null
      return 1
    }
    if (this.#behind === null) return 0
    const typed = this.#behind + String.fromCharCode(byte)
    this.#behind = BEGINS.test(typed) ? typed : null
    if (this.#behind !== null) return 0
    if (KEY.test(typed)) return typed.length
    // With Alt.
    return typed.length === 1 ? 1 : 0
  }
}
