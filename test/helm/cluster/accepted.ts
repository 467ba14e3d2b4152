import { describe, expect, test } from 'vitest'
import { objectsIn, render, scenarios, valuesOf } from '../chart/a-chart.ts'
import { world } from './the-cluster.ts'

const found = await scenarios()
describe('a real API server', () => {
  test.each(found)(
    'takes every object of $name, knows every field, and finds every pod restricted',
    async ({ name }) => {
      // Nothing is made here, and a pod by itself wants its account to be there.
      const text = (await render(await valuesOf(name))).replaceAll(/(?<=serviceAccountName: )\S+-doctor$/gm, 'default')
      const args = ['create', '--dry-run=server', '--validate=strict', '--output=name', '-f', '-']
      const { code, stdout, stderr } = await world.cluster.admin(args, text)
      expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
      expect(stdout.trim().split('\n')).toHaveLength(objectsIn(text).length)
    },
  )
})
