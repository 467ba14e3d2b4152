import { Gauge, type Registry } from 'prom-client'
import type { Ahead } from './time/clock.ts'

/** One that is read when it is asked for. */
export function gauge(name: string, help: string, read: () => number, registers: Registry[]): void {
  new Gauge({
    name,
    help,
    registers,
    collect() {
      this.set(read())
    },
  })
}

/** The middle of what the round trip leaves open; 0 where nobody looked. */
export function clockGauge(ahead: () => Ahead | null, registers: Registry[]): void {
  const read = () => {
    const { least, most } = ahead() ?? { least: 0, most: 0 }
    return (least + most) / 2000
  }
  gauge(
    'leasegate_clock_ahead_seconds',
    'How far the clock of this process is ahead of the one of the store.',
    read,
    registers,
  )
}
