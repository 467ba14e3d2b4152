const ESC = 0x1b
const CSI = 0x5b
/** SS3: the next one belongs to it. */
const SS3 = 0x4f
const OSC = 0x5d
const BEL = 0x07

type State = 'text' | 'escape' | 'one-more' | 'csi' | 'osc' | 'osc-escape'

/** Tells text from control in what a terminal is shown, byte by byte: sequences that move its cursor, or colour. */
export class Escapes {
  #state: State = 'text'

  /** Whether this byte is a character that shows. */
  isText(byte: number): boolean {
    const was = this.#state
    this.#state = next(was, byte)
    return was === 'text' && byte >= 0x20 && byte !== 0x7f
  }

  /** Bytes of which nobody asks whether they show. */
  pass(bytes: Uint8Array): void {
    for (let at = 0; at < bytes.length; at += 1) {
      if (this.#state === 'text') at = bytes.indexOf(ESC, at)
      if (at === -1) return
      this.#state = next(this.#state, bytes[at] ?? 0)
    }
  }
}

function next(state: State, byte: number): State {
  switch (state) {
    case 'text':
      return byte === ESC ? 'escape' : 'text'
    case 'escape':
      return behindEscape(byte)
    case 'one-more':
      return 'text'
    case 'csi':
      return byte >= 0x40 && byte <= 0x7e ? 'text' : 'csi'
    case 'osc':
      return byte === BEL ? 'text' : byte === ESC ? 'osc-escape' : 'osc'
    case 'osc-escape':
      return 'text'
  }
}

function behindEscape(byte: number): State {
  if (byte === ESC) return 'escape'
  if (byte === CSI) return 'csi'
  if (byte === OSC) return 'osc'
  // Intermediate bytes of two-character sequences, as for a character set.
  return byte === SS3 || (byte >= 0x20 && byte <= 0x2f) ? 'one-more' : 'text'
}
