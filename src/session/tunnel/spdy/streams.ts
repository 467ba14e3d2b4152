import type { SessionEventKind } from '../../recording/session-event.ts'
import type { Side } from '../tunnel.ts'

/** Their header `streamtype` (k8s.io/api/core/v1, StreamType). */
export type StreamType = 'error' | 'stdin' | 'stdout' | 'stderr' | 'resize'

export interface Stream {
  readonly type: StreamType
  /** The server has answered it: before, clients drop its data. */
  replied: boolean
  /** Who has no more to say on it. */
  readonly done: Set<Side>
}

/** What either side says on a stream; where nothing stands it says nothing. */
const KINDS: Readonly<Record<StreamType, Readonly<Partial<Record<Side, SessionEventKind>>>>> = {
  error: { server: 'status' },
  stdin: { client: 'input' },
  stdout: { server: 'output' },
  stderr: { server: 'error-output' },
  resize: { client: 'resize' },
}

export function kindOf(type: StreamType, from: Side): SessionEventKind | undefined {
  return KINDS[type][from]
}

const MAX_STREAM = 0x7fff_ffff

/** The streams of one connection: the client opens each type once, none is used again. */
export class Streams {
  readonly #all = new Map<number, Stream>()
  readonly #types: ReadonlySet<string>
  #last = 0

  constructor(types: readonly StreamType[]) {
    this.#types = new Set(types)
  }

  get(id: number): Stream | undefined {
    return this.#all.get(id)
  }

  /** Number of the stream of this type on which the server may say something. */
  speakable(type: StreamType): number | null {
    const found = [...this.#all].find(([, stream]) => stream.type === type && stream.replied)
    return found === undefined || found[1].done.has('server') ? null : found[0]
  }

  /** The new stream, or why there can be none. */
  open(id: number, type: string | undefined): Stream | string {
    if (id % 2 !== 1 || id <= this.#last || id > MAX_STREAM) return 'a stream with a number that no client takes'
    if (!this.#isType(type)) return 'a stream of a type that is none'
    if ([...this.#all.values()].some(stream => stream.type === type)) return 'a second stream of one type'
    const stream: Stream = { type, replied: false, done: new Set() }
    this.#last = id
    this.#all.set(id, stream)
    return stream
  }

  #isType(type: string | undefined): type is StreamType {
    return type !== undefined && this.#types.has(type)
  }
}
