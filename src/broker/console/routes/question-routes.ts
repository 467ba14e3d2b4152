import { Hono } from 'hono'
import { answerApproval, findApproval, planOf } from '../../approvals/approval-routes.ts'
import { mayAnswer } from '../../approvals/may-answer.ts'
import { maySayYes, toShownYes, yesesTo } from '../../approvals/yeses.ts'
import type { ConsoleEnv, WithConsole } from '../console-env.ts'
import { readForm, SAID } from '../http/read-form.ts'
import { formToken, page } from '../pages/layout.ts'
import { questionPage } from '../pages/question.ts'

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
