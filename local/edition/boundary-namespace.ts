/** Namespace and service account of the boundary in the local cluster. */
export const BOUNDARY_NAMESPACE = 'leasegate-system'
export const BOUNDARY_ACCOUNT = 'leasegate-boundary'
