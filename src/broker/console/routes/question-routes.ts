import { Hono } from 'hono'
import { wholeOf } from '../../../approval/question/whole.ts'
import { maskText } from '../../../record/mask/mask-text.ts'
import { answerApproval, findApproval, planOf } from '../../approvals/approval-routes.ts'
import { mayAnswer } from '../../approvals/may-answer.ts'
import { maySayYes, toShownYes, yesesTo } from '../../approvals/yeses.ts'
import type { ConsoleEnv, WithConsole } from '../console-env.ts'
import { readForm, SAID } from '../http/read-form.ts'
import { formToken, page } from '../pages/layout.ts'
import { questionPage } from '../pages/question.ts'
import { wholePage } from '../pages/whole.ts'

const NOT_SHOWN = 'it may hold a credential, or nobody here can read its fields'

export function questionRoutes(parts: WithConsole): Hono<ConsoleEnv> {
  return new Hono<ConsoleEnv>()
    .get('/:id', async context => {
      const { principal } = context.var
      const approval = await findApproval(context.req.param('id'), principal, parts)
      const may = mayAnswer(principal, approval, parts.policy())
      const yeses = await yesesTo(approval, parts)
      const shown = {
        approval,
        yeses: yeses.map(toShownYes),
        mayYes: principal.kind === 'person' ? await maySayYes(principal, approval, yeses, parts) : may,
        planned: await planOf(approval, principal, parts),
        may,
        token: formToken(context),
        now: parts.clock(),
      }
      return page(context, approval.question.summary, questionPage(shown))
    })
    .get('/:id/body', async context => {
      const approval = await findApproval(context.req.param('id'), context.var.principal, parts)
      const read = await parts.readSent(approval)
      const mask = (text: string) => maskText(text, parts.policy().mask)
      const whole = read.kind === 'none' ? read.problem : (wholeOf(read.request, read.sent.body, mask) ?? NOT_SHOWN)
      return page(context, `Body of ${approval.question.summary}`, wholePage(approval, whole))
    })
    .post('/:id', async context => {
      const { verdict, ...said } = await readForm(context, SAID)
      const { id } = await answerApproval(
        { id: context.req.param('id'), ...said },
        verdict,
        context.var.principal,
        parts,
      )
      return context.redirect(`/console/approvals/${id}`, 303)
    })
}
