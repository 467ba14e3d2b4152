/**
 * Our SQL runs as it stands on one server. With the name of a cluster each statement goes to all of its servers, and the
 * tables replicate themselves by the servers' own macros ({shard}, {replica}).
 */
export function forCluster(sql: string, cluster: string | null): string {
  if (cluster === null) return sql
  return sql.replaceAll('/*ON CLUSTER*/', onCluster(cluster)).replaceAll('/*Replicated*/', 'Replicated')
}

/** What goes behind the name of a table, a view or a database; nothing without a cluster. */
export function onCluster(cluster: string | null): string {
  return cluster === null ? '' : `ON CLUSTER '${cluster.replace(/['\\]/g, '\\$&')}'`
}
