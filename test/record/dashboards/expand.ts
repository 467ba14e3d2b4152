/** What a dashboard is looked at with. Times are epoch milliseconds; a variable that is null is set to All. */
export interface View {
  readonly from: number
  readonly to: number
  readonly intervalSeconds: number
  readonly variables: Readonly<Record<string, readonly string[] | null>>
}

const ALL = '$__all'

/**
 * The SQL that Grafana's ClickHouse data source sends for a panel. Its front end resolves `$__conditionalAll` and the variables, its
 * back end the other macros (pkg/macros/macros.go of grafana/clickhouse-datasource).
 */
export function expand(sql: string, view: View): string {
  return withMacros(withVariables(withConditions(sql, view), view), view)
}

/** `$__conditionalAll(condition, $variable)` is `1=1` where the variable is set to All. */
function withConditions(sql: string, { variables }: View): string {
  return sql.replaceAll(
    /\$__conditionalAll\(((?:[^()]|\([^()]*\))*), \$(\w+)\)/g,
    (_, condition: string, name: string) => (variables[name] === null ? '1=1' : condition),
  )
}

function withVariables(sql: string, { variables }: View): string {
  return sql.replaceAll(/\$\{(\w+):singlequote\}/g, (_, name: string) => {
    if (!Object.hasOwn(variables, name)) throw new Error(`no variable ${name}`)
    return (variables[name] ?? [ALL]).map(value => `'${value.replaceAll("'", "\\'")}'`).join(',')
  })
}

function withMacros(sql: string, { from, to, intervalSeconds }: View): string {
  const seconds = (ms: number): string => `toDateTime(${Math.floor(ms / 1000)})`
  const milliseconds = (ms: number): string => `fromUnixTimestamp64Milli(${ms})`
  const argument = String.raw`\(((?:[^()]|\([^()]*\))*)\)`
  return sql
    .replaceAll(
      new RegExp(String.raw`\$__timeFilter_ms${argument}`, 'g'),
      (_, column: string) => `${column} >= ${milliseconds(from)} AND ${column} <= ${milliseconds(to)}`,
    )
    .replaceAll(
      new RegExp(String.raw`\$__timeFilter${argument}`, 'g'),
      (_, column: string) => `${column} >= ${seconds(from)} AND ${column} <= ${seconds(to)}`,
    )
    .replaceAll(
      new RegExp(String.raw`\$__timeInterval${argument}`, 'g'),
      (_, column: string) => `toStartOfInterval(toDateTime(${column}), INTERVAL ${intervalSeconds} second)`,
    )
    .replaceAll('$__interval_s', String(intervalSeconds))
    .replaceAll('$__fromTime', seconds(from))
    .replaceAll('$__toTime', seconds(to))
}
