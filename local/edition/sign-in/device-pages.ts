import type { Configuration } from 'oidc-provider'
import { signInPage } from './sign-in-form.ts'

/** Where somebody enters the code that a terminal shows them (RFC 8628). */
export const DEVICE_PAGES = {
  enabled: true,
  userCodeInputSource: async (context, form, _, error) => {
    const said = error === undefined ? '' : 'This code is none, or it is over.'
    context.body = signInPage(
      `<p role="alert">${said}</p><p>The code, as the terminal says it</p>${form}<button form="op.deviceInputForm">Go on</button>`,
    )
  },
  userCodeConfirmSource: async (context, form, _, __, code) => {
    context.body = signInPage(`<p>leasegate asks to log in. Does its terminal show <strong>${code}</strong>?</p>${form}
<button form="op.deviceConfirmForm">It does</button><button form="op.deviceConfirmForm" name="abort" value="yes">It does not</button>`)
  },
  successSource: async context => {
    context.body = signInPage('<p>You have signed in. Go on in the terminal.</p>')
  },
} satisfies NonNullable<Configuration['features']>['deviceFlow']
