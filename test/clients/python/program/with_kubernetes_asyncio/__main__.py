"""Usage: python -m with_kubernetes_asyncio TASK KUBECONFIG NAMESPACE PREFIX DEPLOYMENT"""

import asyncio
import sys

from kubernetes_asyncio import client, config, watch

from lines import failed, refusal, say

from . import reading, streams, writing
from .at import At

CAPABILITIES = {**reading.CAPABILITIES, **writing.CAPABILITIES, **streams.CAPABILITIES}


async def check(at):
    for capability, use in CAPABILITIES.items():
        try:
            say("did", capability=capability, saw=await use(at))
        except Exception as error:
            failed(capability, error)


async def follow(at):
    """One watch for as long as it lasts."""
    selector = f"followed={at.prefix}"
    listed = await at.core.list_namespaced_config_map(at.namespace, label_selector=selector)
    say("watching")
    try:
        events = watch.Watch().stream(
            at.core.list_namespaced_config_map,
            at.namespace,
            label_selector=selector,
            resource_version=listed.metadata.resource_version,
            timeout_seconds=600,
        )
        async for event in events:
            say("event", type=event["type"], name=event["object"].metadata.name)
        say("cut", error=None)
    except Exception as error:
        say("cut", error=str(error))
    try:
        await at.core.list_namespaced_config_map(at.namespace)
    except Exception as error:
        say("refused", error=refusal(error))


async def refused(at):
    try:
        await at.core.list_namespaced_config_map(at.prefix)
    except client.ApiException as error:
        say("refused", error=refusal(error))


async def approved(at):
    """As a patient program does: 429 says when to come again."""
    for _ in range(60):
        try:
            secret = await at.core.read_namespaced_secret(at.prefix, at.namespace)
            return say("read", keys=sorted(secret.data))
        except client.ApiException as error:
            if error.status != 429:
                raise
            say("waiting", error=refusal(error), after=(error.headers or {}).get("Retry-After"))
            await asyncio.sleep(1)


async def main(task, kubeconfig, *where):
    configuration = client.Configuration()
    loader = await config.load_kube_config(kubeconfig, client_configuration=configuration)
    # The library asks its exec plugin once; a program that lives longer asks again, as its documentation has it.
    refreshing = asyncio.create_task(config.refresh_token(loader, configuration, interval=5))
    async with client.ApiClient(configuration) as api:
        await {"check": check, "follow": follow, "refused": refused, "approved": approved}[task](At(api, *where))
    refreshing.cancel()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
