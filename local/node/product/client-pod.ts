import { AUDIENCE } from '../../edition/policy-text.ts'
import { PRODUCT_MOUNT } from '../images/recipes.ts'
import type { Node } from '../node.ts'
import { BOUNDARY_HOST } from './release.ts'

export interface ClientPod {
  readonly name: string
  readonly namespace: string
  readonly serviceAccount: string
}

/** Where the pod keeps what it writes. */
export const HOME = '/home/client'
export const IDENTITY_TOKEN = '/identity/token'
/** ConfigMap with the authority of what the boundary shows, in the pod's namespace. */
export const AUTHORITY = 'leasegate-ca'

/** A pod with kubectl and the leasegate command, set up for the boundary as its owner would. Its identity is its service account's. */
export function clientPod({ images }: Node, { name, namespace, serviceAccount }: ClientPod): object {
  const env = {
    HOME,
    LEASEGATE_BROKER_URL: `https://${BOUNDARY_HOST}:8443`,
    LEASEGATE_BROKER_CA_FILE: '/ca/ca.crt',
    LEASEGATE_BOUNDARY_URL: `https://${BOUNDARY_HOST}`,
    LEASEGATE_BOUNDARY_CA_FILE: '/ca/ca.crt',
    LEASEGATE_IDENTITY_TOKEN_FILE: IDENTITY_TOKEN,
  }
  const token = { path: 'token', audience: AUDIENCE, expirationSeconds: 3600 }
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace, labels: { app: name } },
    spec: {
      serviceAccountName: serviceAccount,
      automountServiceAccountToken: false,
      terminationGracePeriodSeconds: 1,
      securityContext: {
        runAsNonRoot: true,
        runAsUser: 1000,
        fsGroup: 1000,
        seccompProfile: { type: 'RuntimeDefault' },
      },
      containers: [
        {
          name: 'client',
          image: images.agent,
          imagePullPolicy: 'Never',
          workingDir: HOME,
          env: Object.entries(env).map(([key, value]) => ({ name: key, value })),
          securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } },
          volumeMounts: [
            { name: 'product', mountPath: PRODUCT_MOUNT, readOnly: true },
            { name: 'identity', mountPath: '/identity', readOnly: true },
            { name: 'ca', mountPath: '/ca', readOnly: true },
            { name: 'home', mountPath: HOME },
          ],
        },
      ],
      volumes: [
        { name: 'product', image: { reference: images.product, pullPolicy: 'Never' } },
        { name: 'identity', projected: { sources: [{ serviceAccountToken: token }] } },
        // Its own cluster's beside it: for who goes past the boundary.
        { name: 'ca', projected: { sources: [AUTHORITY, 'kube-root-ca.crt'].map(authority) } },
        { name: 'home', emptyDir: {} },
      ],
    },
  }
}

function authority(name: string): object {
  const path = name === AUTHORITY ? 'ca.crt' : 'cluster.crt'
  return { configMap: { name, items: [{ key: 'ca.crt', path }] } }
}
