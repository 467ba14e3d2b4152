import { describe, expect, test } from 'vitest'
import { isFieldSelectorWithin, isLabelSelectorWithin } from '../../../src/request/selectors/at-least.ts'

describe('isLabelSelectorWithin', () => {
  test.each([
    ['app=web', 'app=web'],
    ['app==web', 'app=web'],
    ['app in (web)', 'app=web'],
    ['app = web , tier=a', 'app=web'],
    ['tier=a,app=web', 'app=web,tier=a'],
    ['app=web', 'app in (web,api)'],
    ['app in (api)', 'app in (web,api)'],
    ['app=web', 'app'],
    ['app=web', 'app!=api'],
    ['app notin (api,web)', 'app!=api'],
    ['!app', 'app!=api'],
    ['!app', '!app'],
    ['n>3', 'n>3'],
    ['app=', 'app='],
  ])('%s asks for all of %s', (given, wanted) => {
    expect(isLabelSelectorWithin(given, wanted)).toBe(true)
  })

  test.each([
    ['', 'app=web'],
    ['app', 'app=web'],
    ['app!=api', 'app=web'],
    ['app=api', 'app=web'],
    ['app in (web,api)', 'app=web'],
    ['app in (web,)', 'app=web'],
    ['app in (,web)', 'app=web'],
    ['app=Web', 'app=web'],
    ['x/app=web', 'app=web'],
    ['app=web', 'app=web,tier=a'],
    ['app notin (api)', 'app notin (api,web)'],
    ['!app', 'app'],
    ['n>2', 'n>3'],
    ['n<3', 'n>3'],
    ['app=', 'app=web'],
    ['app=web,(', 'app=web'],
    ['app=web;', 'app=web'],
    ['app=web%2Ctier', 'app=web'],
    ['app=web app=api', 'app=web'],
    ['app=web', '('],
    [`app=web,${'a,'.repeat(2100)}a`, 'app=web'],
  ])('"%s" does not ask for all of %s', (given, wanted) => {
    expect(isLabelSelectorWithin(given, wanted)).toBe(false)
  })
})

describe('isFieldSelectorWithin', () => {
  test.each([
    ['spec.nodeName=n', 'spec.nodeName=n', true],
    ['spec.nodeName==n,status.phase!=Running', 'spec.nodeName=n', true],
    ['a=b\\,c', 'a=b\\,c', true],
    ['', 'spec.nodeName=n', false],
    ['spec.nodeName!=n', 'spec.nodeName=n', false],
    ['spec.nodeName=m', 'spec.nodeName=n', false],
    ['status.phase=Running', 'spec.nodeName=n', false],
    ['spec.nodeName', 'spec.nodeName=n', false],
  ])('"%s" asks for all of %s: %s', (given, wanted, want) => {
    expect(isFieldSelectorWithin(given, wanted)).toBe(want)
  })
})
