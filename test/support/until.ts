import { setTimeout as pause } from 'node:timers/promises'

/** Resolves once the condition holds; fails with what was waited for when it does not in time. */
export async function until(what: string, holds: () => boolean | Promise<boolean>, withinMs = 30_000): Promise<void> {
  const deadline = Date.now() + withinMs
  while (!(await holds())) {
    if (Date.now() > deadline) throw new Error(`waited ${withinMs} ms for ${what}`)
    await pause(10)
  }
}
