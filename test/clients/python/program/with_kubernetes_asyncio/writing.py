import json

from kubernetes_asyncio import client

JSON_PATCH = "application/json-patch+json"
MERGE_PATCH = "application/merge-patch+json"
STRATEGIC_PATCH = "application/strategic-merge-patch+json"
APPLY = "application/apply-patch+yaml"


async def create(at):
    return {"data": (await at.create("written", {"one": "1"})).data}


async def dry_run(at):
    await at.core.create_namespaced_config_map(at.namespace, at.config_map("dry"), dry_run="All")
    try:
        await at.core.read_namespaced_config_map(f"{at.prefix}-dry", at.namespace)
    except client.ApiException as error:
        return {"afterwards": error.status}


async def replace(at):
    written = await at.core.read_namespaced_config_map(f"{at.prefix}-written", at.namespace)
    written.data["two"] = "2"
    return {"data": (await at.core.replace_namespaced_config_map(written.metadata.name, at.namespace, written)).data}


async def patched(at, content_type, body, **more):
    name = f"{at.prefix}-written"
    found = await at.core.patch_namespaced_config_map(name, at.namespace, body, _content_type=content_type, **more)
    return found.data


async def json_patch(at):
    return {"data": await patched(at, JSON_PATCH, [{"op": "add", "path": "/data/json", "value": "yes"}])}


async def merge_patch(at):
    return {"data": await patched(at, MERGE_PATCH, {"data": {"json": None, "merge": "yes"}})}


async def strategic_patch(at):
    return {"data": await patched(at, STRATEGIC_PATCH, {"data": {"strategic": "yes"}})}


async def apply(at):
    async def applied(manager, value, **more):
        body = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": f"{at.prefix}-applied"}}
        found = await at.core.patch_namespaced_config_map(
            f"{at.prefix}-applied",
            at.namespace,
            {**body, "data": {"owner": value}},
            field_manager=manager,
            _content_type=APPLY,
            **more,
        )
        return found.data

    await applied("one", "one")
    try:
        await applied("two", "two")
    except client.ApiException as error:
        status = json.loads(error.body)
        causes = [cause["reason"] for cause in status["details"]["causes"]]
        forced = await applied("two", "two", force=True)
        return {"status": error.status, "reason": status["reason"], "causes": causes, "forced": forced}


def deployment(at):
    labels = {"app": f"{at.prefix}-scaled"}
    container = client.V1Container(name="main", image="main:1")
    pod = client.V1PodSpec(containers=[container], automount_service_account_token=False)
    return client.V1Deployment(
        metadata=client.V1ObjectMeta(name=f"{at.prefix}-scaled"),
        spec=client.V1DeploymentSpec(
            replicas=1,
            selector=client.V1LabelSelector(match_labels=labels),
            template=client.V1PodTemplateSpec(metadata=client.V1ObjectMeta(labels=labels), spec=pod),
        ),
    )


async def scale(at):
    await at.apps.create_namespaced_deployment(at.namespace, deployment(at))
    name = f"{at.prefix}-scaled"
    was = (await at.apps.read_namespaced_deployment_scale(name, at.namespace)).spec.replicas
    scaled = await at.apps.patch_namespaced_deployment_scale(
        name, at.namespace, {"spec": {"replicas": 2}}, _content_type=MERGE_PATCH
    )
    return {"was": was, "now": scaled.spec.replicas}


async def status(at):
    seen = {"type": "Seen", "status": "True", "reason": "Tested", "message": "by a program"}
    patch = {"status": {"conditions": [seen]}}
    found = await at.apps.patch_namespaced_deployment_status(
        f"{at.prefix}-scaled", at.namespace, patch, _content_type=STRATEGIC_PATCH
    )
    return {"seen": any(condition.type == "Seen" for condition in found.status.conditions)}


async def delete(at):
    """As many programs do it: some options in the body, and some said twice."""
    name = f"{at.prefix}-scaled"
    await at.apps.delete_namespaced_deployment(
        name,
        at.namespace,
        propagation_policy="Background",
        body=client.V1DeleteOptions(propagation_policy="Background", grace_period_seconds=0),
    )
    await at.core.delete_namespaced_config_map(f"{at.prefix}-written", at.namespace, body=client.V1DeleteOptions())
    try:
        await at.apps.read_namespaced_deployment(name, at.namespace)
    except client.ApiException as error:
        return {"afterwards": error.status}


async def delete_all(at):
    await at.core.delete_collection_namespaced_config_map(at.namespace, label_selector=f"client={at.prefix}")
    left = await at.core.list_namespaced_config_map(at.namespace, label_selector=f"client={at.prefix}")
    return {"left": len(left.items)}


CAPABILITIES = {
    "create": create,
    "dry run": dry_run,
    "replace": replace,
    "JSON patch": json_patch,
    "merge patch": merge_patch,
    "strategic merge patch": strategic_patch,
    "server-side apply": apply,
    "scale": scale,
    "status": status,
    "delete with options": delete,
    "delete a collection": delete_all,
}
