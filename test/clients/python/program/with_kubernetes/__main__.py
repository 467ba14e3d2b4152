"""Usage: python -m with_kubernetes TASK KUBECONFIG NAMESPACE PREFIX DEPLOYMENT"""

import sys
import time

from kubernetes import client, config, watch

from lines import failed, refusal, say

from . import reading, streams, writing
from .at import At

CAPABILITIES = {**reading.CAPABILITIES, **writing.CAPABILITIES, **streams.CAPABILITIES}


def check(at):
    for capability, use in CAPABILITIES.items():
        try:
            say("did", capability=capability, saw=use(at))
        except Exception as error:
            failed(capability, error)


def follow(at):
    """One watch for as long as it lasts."""
    listed = at.core.list_namespaced_config_map(at.namespace, label_selector=f"followed={at.prefix}")
    say("watching")
    try:
        events = watch.Watch().stream(
            at.core.list_namespaced_config_map,
            at.namespace,
            label_selector=f"followed={at.prefix}",
            resource_version=listed.metadata.resource_version,
            timeout_seconds=600,
        )
        for event in events:
            say("event", type=event["type"], name=event["object"].metadata.name)
        say("cut", error=None)
    except Exception as error:
        say("cut", error=str(error))
    try:
        at.core.list_namespaced_config_map(at.namespace)
    except Exception as error:
        say("refused", error=refusal(error))


def refused(at):
    try:
        at.core.list_namespaced_config_map(at.prefix)
    except client.ApiException as error:
        say("refused", error=refusal(error))


def approved(at):
    """As a patient program does: 429 says when to come again."""
    for _ in range(60):
        try:
            secret = at.core.read_namespaced_secret(at.prefix, at.namespace)
            return say("read", keys=sorted(secret.data))
        except client.ApiException as error:
            if error.status != 429:
                raise
            say("waiting", error=refusal(error), after=(error.headers or {}).get("Retry-After"))
            time.sleep(1)


if __name__ == "__main__":
    task, kubeconfig, *where = sys.argv[1:]
    config.load_kube_config(kubeconfig)
    {"check": check, "follow": follow, "refused": refused, "approved": approved}[task](At(*where))
