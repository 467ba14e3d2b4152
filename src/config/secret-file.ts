import { readFileSync } from 'node:fs'

/** A password in a file of its own, which whoever changes it swaps: read at each use, so that nothing restarts. */
export class SecretFile {
  readonly #path: string
  #last: string

  /** Throws when there is nothing to begin with; the message names the file and nothing that is in it. */
  constructor(path: string) {
    this.#path = path
    this.#last = read(path)
  }

  /** What it says now; while it cannot be read, what it said before. */
  reveal(): string {
    try {
      this.#last = read(this.#path)
    } catch {
      // Swapped at this moment, or gone: the server will say whether the old one still counts.
    }
    return this.#last
  }
}

/** Editors end a file with a line break; passwords do not end with one. */
function read(path: string): string {
  const text = contentOf(path).replace(/\r?\n$/, '')
  if (text === '') throw new Error(`${path} is empty`)
  return text
}

function contentOf(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    const { code = 'unknown error' } = error as NodeJS.ErrnoException
    throw new Error(`${path} cannot be read (${code})`)
  }
}
