"""What a program tells the test, a JSON object a line; it knows nothing of Leasegate but the kubeconfig that it is given."""

import json
import sys
import traceback


def say(says, **more):
    # In one write: `print` makes two, and another thread may come between.
    sys.stdout.write(json.dumps({"says": says, **more}) + "\n")
    sys.stdout.flush()


def refusal(error):
    """What a program can read of a refusal: the API server's Status."""
    try:
        status = json.loads(error.body)
    except (AttributeError, TypeError, ValueError):
        status = {}
    return {
        "status": getattr(error, "status", None),
        "reason": status.get("reason"),
        "message": status.get("message") or str(error),
        "causes": [cause.get("reason") for cause in (status.get("details") or {}).get("causes") or []],
    }


def failed(capability, error):
    traceback.print_exc(file=sys.stderr)
    say("failed", capability=capability, error=refusal(error))
