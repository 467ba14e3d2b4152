import type { SessionEvent } from '../../../src/session/recording/session-event.ts'
import { type Decoding, openDecoder } from '../../../src/session/tunnel/decoder.ts'
import { said } from './said.ts'
import { onChannel, typed } from './wire.ts'

export type Step = readonly ['types' | 'shows', string, number?]

/** What a terminal's two sides say one after the other, a millisecond apart where no time is named. */
export function play(steps: readonly Step[], inputs: Decoding['inputs'], tty = true): readonly string[] {
  const decoder = openDecoder({
    upgrade: 'websocket',
    protocol: 'v5.channel.k8s.io',
    tty,
    ...(inputs ? { inputs } : {}),
  })
  const events: SessionEvent[] = []
  let nowMs = 0
  for (const [who, text, atMs] of steps) {
    nowMs = atMs ?? nowMs + 1
    const answer =
      who === 'types' ? decoder.push('client', typed(text), nowMs) : decoder.push('server', onChannel(1, text), nowMs)
    if ('why' in answer) throw new Error(answer.why)
    events.push(...answer)
  }
  return said([...events, ...decoder.end(nowMs)])
}

export const kept = (lines: readonly string[]) =>
  lines.filter(line => line.startsWith('input ')).map(line => JSON.parse(line.slice(6)) as string)
export const hidden = (lines: readonly string[]) =>
  lines.filter(line => line.startsWith('hidden-input ')).reduce((sum, line) => sum + Number(line.slice(13)), 0)

/** A shell that echoes, key by key. */
export const echoed = (text: string): readonly Step[] =>
  [...text].flatMap(key => [
    ['types', key],
    ['shows', key === '\r' ? '\r\n' : key],
  ])
