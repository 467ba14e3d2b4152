import type { SessionEventKind } from '../../recording/session-event.ts'
import type { EventList } from '../event-list.ts'

/** `masked`: what a terminal did not echo is left out. */
export type InputRule = 'kept' | 'masked' | 'left-out'

/** Decides what of standard input goes into the list. */
export interface InputPolicy {
  /** Time has passed. */
  before(list: EventList): void
  put(list: EventList, kind: SessionEventKind, bytes: Uint8Array): void
  /** Nothing more comes. */
  end(list: EventList): void
}

export const KEPT: InputPolicy = {
  before: () => {},
  put: (list, kind, bytes) => list.add(kind, bytes),
  end: () => {},
}

export const LEFT_OUT: InputPolicy = {
  before: () => {},
  put: (list, kind, bytes) => (kind === 'input' ? list.hide(bytes.length) : list.add(kind, bytes)),
  end: () => {},
}
