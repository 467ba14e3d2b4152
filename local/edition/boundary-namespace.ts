/** Where the boundary's service account is. */
export const BOUNDARY_NAMESPACE = 'leasegate-system'
export const BOUNDARY_ACCOUNT = 'leasegate-boundary'
