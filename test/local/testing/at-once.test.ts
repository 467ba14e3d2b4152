import { writeSync } from 'node:fs'
import { setImmediate } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { atOnce } from '../../../local/testing/at-once.ts'

/** What one of them says, in two parts: the other one has begun by then. */
const saying = (text: string) => async (output: number) => {
  writeSync(output, `${text} `)
  await setImmediate()
  writeSync(output, `${text}\n`)
  return text
}

test('what works at once says one after the other what it has to say, and what it came to is in the same order', async () => {
  const said: string[] = []
  const came = await atOnce([Promise.resolve('zero')], [saying('one'), saying('two')], text => void said.push(text))
  expect(came).toEqual(['zero', 'one', 'two'])
  expect(said).toEqual(['one one\n', 'two two\n'])
})

test('where one fails the others are waited for, and what they say is said', async () => {
  const said: string[] = []
  const failing = Promise.reject(new Error('ended by SIGINT'))
  await expect(atOnce([failing], [saying('one')], text => void said.push(text))).rejects.toThrow('ended by SIGINT')
  expect(said).toEqual(['one one\n'])
})
