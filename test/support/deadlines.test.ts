import { describe, expect, test } from 'vitest'
import { Deadlines } from '../../src/support/time/deadlines.ts'
import { until } from './until.ts'

describe('deadlines', () => {
  test('give up each that was not met, in order, and none that was', async () => {
    const deadlines = new Deadlines(20)
    const over: string[] = []
    const add = (name: string) => deadlines.add(() => over.push(name))
    const [first, , third] = ['first', 'second', 'third', 'fourth'].map(add)
    if (first === undefined || third === undefined) throw new Error('no such deadline')
    deadlines.met(first)
    deadlines.met(third)
    await until('those that are over', () => over.length === 2)
    expect(over).toEqual(['second', 'fourth'])
    for (const met of [first, third]) deadlines.met(met)
    add('fifth')
    await until('those that are over', () => over.length === 3)
    expect(over).toEqual(['second', 'fourth', 'fifth'])
  })

  test('give up nobody before the time', async () => {
    const deadlines = new Deadlines(30)
    const ended: number[] = []
    for (let at = 0; at < 5; at++) {
      const from = performance.now()
      deadlines.add(() => ended.push(performance.now() - from))
    }
    await until('those that are over', () => ended.length === 5)
    expect(Math.min(...ended)).toBeGreaterThanOrEqual(30)
  })

  test('one that is met when its time is over, before anybody gives it up, is not given up', async () => {
    const deadlines = new Deadlines(1)
    const over: string[] = []
    const met = deadlines.add(() => over.push('met'))
    deadlines.add(() => {
      over.push('not met')
      deadlines.met(later)
    })
    const later = deadlines.add(() => over.push('met by the one before'))
    setTimeout(() => deadlines.met(met), 0)
    await until('those that are over', () => over.includes('not met'))
    deadlines.add(() => over.push('last'))
    await until('those that are over', () => over.includes('last'))
    expect(over.filter(each => each !== 'met')).toEqual(['not met', 'last'])
  })

  test('added while others are given up is given up as well', async () => {
    const deadlines = new Deadlines(5)
    const over: string[] = []
    deadlines.add(() => {
      over.push('first')
      deadlines.add(() => over.push('second'))
    })
    await until('those that are over', () => over.length === 2)
    expect(over).toEqual(['first', 'second'])
  })
})
