const SAYS_WHY = /^(?:error|Error from server|Unable to connect to the server|The connection to the server)\b/

/** Why kubectl failed, without its name for it and the log lines of its libraries; of several reasons the first. */
export function whyOf(stderr: string): string {
  const lines = stderr.split('\n').map(line => line.trim())
  const said = lines.filter(line => line !== '' && !/^[IWE]\d{4} /.test(line))
  const why = said.find(line => SAYS_WHY.test(line)) ?? said.at(-1) ?? 'it did not say why'
  return why.replace(/^(?:error|Error from server \(\w+\)|Unable to connect to the server): /, '').replace(/:$/, '')
}
