import os
import ssl
from datetime import datetime, timezone

import httpx

from broker import AuthenticatedClient
from broker.api.leases import end_lease, issue_lease, issue_lease_token
from broker.models import IssueLeaseTokenBody, LeaseEnd, LeaseRequest, Status

with open(os.environ["LEASEGATE_IDENTITY_TOKEN_FILE"]) as file:
    identity = file.read().strip()
broker = AuthenticatedClient(
    base_url=os.environ["LEASEGATE_BROKER_URL"],
    token=identity,
    verify_ssl=ssl.create_default_context(cafile=os.environ["LEASEGATE_BROKER_CA_FILE"]),
)


def must(answer):
    """What was asked for, or the broker's words for why not."""
    if isinstance(answer, Status):
        raise SystemExit(answer.message)
    return answer


# Lease.
wish = LeaseRequest(template="restart-web", reason="web answers slowly", ttl="10m")
lease = must(issue_lease.sync(client=broker, body=wish)).id
print("leased", lease)
try:
    # Act: any client of Kubernetes will do, with this as its bearer token. It lives for minutes; ask for another one in time.
    token = must(issue_lease_token.sync(lease, client=broker, body=IssueLeaseTokenBody())).token
    boundary = httpx.Client(
        base_url=os.environ["LEASEGATE_BOUNDARY_URL"],
        verify=ssl.create_default_context(cafile=os.environ["LEASEGATE_BOUNDARY_CA_FILE"]),
        headers={"authorization": f"Bearer {token}", "content-type": "application/strategic-merge-patch+json"},
    )
    annotations = {"kubectl.kubernetes.io/restartedAt": datetime.now(timezone.utc).isoformat()}
    patch = {"spec": {"template": {"metadata": {"annotations": annotations}}}}
    answer = boundary.patch("/apis/apps/v1/namespaces/shop/deployments/web", json=patch)
    print("restarted" if answer.is_success else f"refused: {answer.json()['message']}")
finally:
    # Give it back.
    must(end_lease.sync(lease, client=broker, body=LeaseEnd(reason="done")))
    print("gave it back")
