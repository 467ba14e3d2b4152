import { describe, expect, test } from 'vitest'
import { parseWitnessPolicy } from '../../../src/record/witness/witness-policy.ts'
import { witnessKeys } from './a-witness.ts'

const KEYS = ['X1', 'X2', 'X3', 'Y1', 'Y2', 'Y3'].map(name => ({ name, vkey: witnessKeys(`example/${name}`).verifier }))
const LINES = KEYS.map(({ name, vkey }) => `witness ${name} ${vkey}`)
const [vkey = ''] = KEYS.map(key => key.vkey)

/** The example of c2sp.org/tlog-policy. */
const EXAMPLE = [
  'log example.com/behind-the-sofa+00000000+AQ==',
  '',
  ...LINES.slice(0, 3),
  'group X-witnesses 2 X1 X2 X3',
  '',
  '  # of somebody else',
  ...LINES.slice(3),
  'group Y-witnesses\tany  Y1 Y2 Y3',
  'group X-and-Y all X-witnesses Y-witnesses',
  'quorum X-and-Y',
  '',
].join('\n')

describe('parseWitnessPolicy', () => {
  test.each([
    { cosigned: 'X1 X2 Y3', want: true },
    { cosigned: 'X1 X2 X3 Y1 Y2 Y3', want: true },
    { cosigned: 'X1 Y1 Y2 Y3', want: false },
    { cosigned: 'X1 X2 X3', want: false },
    { cosigned: '', want: false },
  ])('$cosigned of two groups: $want', ({ cosigned, want }) => {
    const parsed = parseWitnessPolicy(EXAMPLE)
    if (parsed.kind === 'problem') throw new Error(parsed.message)
    const { witnesses, isQuorum } = parsed.value
    const names = new Set(cosigned.split(' ').map(name => `example/${name}`))
    expect(isQuorum(new Set(witnesses.filter(({ name }) => names.has(name))))).toBe(want)
  })

  test.each([
    { name: 'no quorum', text: LINES[0], want: 'has no quorum' },
    { name: 'a quorum of nobody known', text: 'quorum X1', want: 'line 1 is no quorum' },
    { name: 'two quorums', text: 'quorum none\nquorum none', want: 'line 2 is no quorum' },
    { name: 'a group before its members', text: 'group g any X1\nquorum g', want: 'line 1 has members' },
    { name: 'more than all', text: `${LINES[0]}\ngroup g 2 X1\nquorum g`, want: 'line 2 does not say how many' },
    { name: 'none of all', text: `${LINES[0]}\ngroup g 0 X1\nquorum g`, want: 'line 2 does not say how many' },
    { name: 'a member twice', text: `${LINES[0]}\ngroup g 2 X1 X1\nquorum g`, want: 'line 2 has a member twice' },
    {
      name: 'a member of two groups',
      text: `${LINES[0]}\ngroup g any X1\ngroup h all g X1\nquorum h`,
      want: 'line 3 has a member twice',
    },
    { name: 'a key under two names', text: `${LINES[0]}\nwitness Z ${vkey}\nquorum X1`, want: 'line 2 has the key of' },
    {
      name: 'a key with another id',
      text: `witness Z ${vkey.replace(/\+[0-9a-f]{8}\+/, '+00000000+')}`,
      want: 'line 1 has another id',
    },
    { name: 'a key of a log', text: 'witness Z a+00000000+AQ==', want: 'line 1 is no key of a witness' },
    {
      name: 'a URL in the clear',
      text: `witness Z ${vkey} http://witness.example`,
      want: 'line 1 has a URL that must',
    },
    { name: 'another word', text: 'witnesses X1', want: 'line 1 begins with none of' },
  ])('$name is refused, with its line', ({ text = '', want }) => {
    expect(parseWitnessPolicy(text)).toEqual({ kind: 'problem', message: expect.stringContaining(want) })
  })
})
