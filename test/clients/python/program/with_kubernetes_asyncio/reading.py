import asyncio
import json

from kubernetes_asyncio import client, dynamic, watch

TABLE = "application/json;as=Table;v=v1;g=meta.k8s.io"
METADATA = "application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io"


async def version(at):
    return {"server": (await client.VersionApi(at.api).get_code()).git_version}


async def discovery(at):
    groups = [group.name for group in (await client.ApisApi(at.api).get_api_versions()).groups]
    resources = {each.name: each.verbs for each in (await at.apps.get_api_resources()).resources}
    core = [each.name for each in (await at.core.get_api_resources()).resources]
    return {
        "groups": sorted(set(groups) & {"apps", "batch"}),
        "versions": (await client.CoreApi(at.api).get_api_versions()).versions,
        "deployments": sorted(resources["deployments"]),
        "pods": "pods" in core,
    }


async def pages(at):
    for number in range(5):
        await at.create(f"page-{number}", {"text": "x" * 40_000}, pages=at.prefix)
    sizes, more = [], ""
    while not sizes or more:
        page = await at.core.list_namespaced_config_map(
            at.namespace, label_selector=f"pages={at.prefix}", limit=2, _continue=more
        )
        sizes.append(len(page.items))
        more = page.metadata._continue
    return {"sizes": sizes}


async def raw(at, **headers):
    """The list of `pages` in another form: the generated methods have no header for it."""
    return await at.api.call_api(
        f"/api/v1/namespaces/{at.namespace}/configmaps",
        "GET",
        query_params=[("labelSelector", f"pages={at.prefix}")],
        header_params=headers,
        auth_settings=["BearerToken"],
        _preload_content=False,
    )


async def table(at):
    found = await (await raw(at, Accept=TABLE)).json()
    columns = [column["name"] for column in found["columnDefinitions"]]
    return {"kind": found["kind"], "columns": columns, "rows": len(found["rows"])}


async def metadata_only(at):
    found = await (await raw(at, Accept=METADATA)).json()
    return {"kind": found["kind"], "items": len(found["items"]), "data": "data" in found["items"][0]}


async def gzip(at):
    response = await raw(at, **{"Accept": "application/json", "Accept-Encoding": "gzip"})
    body = json.loads(await response.read())
    return {"encoding": response.headers.get("Content-Encoding"), "items": len(body["items"])}


async def until_made(at, name, resource_version):
    """Watches until an object comes that is made meanwhile."""

    async def make():
        await asyncio.sleep(0.5)
        await at.create(name, watched=f"{at.prefix}-{name}")

    making = asyncio.create_task(make())
    async with watch.Watch().stream(
        at.core.list_namespaced_config_map,
        at.namespace,
        label_selector=f"watched={at.prefix}-{name}",
        resource_version=resource_version,
        timeout_seconds=30,
    ) as events:
        async for event in events:
            await making
            return {"type": event["type"], "name": event["object"].metadata.name.removeprefix(at.prefix)}


async def now(at):
    return (await at.core.list_namespaced_config_map(at.namespace, limit=1)).metadata.resource_version


async def watched(at):
    return await until_made(at, "watched", await now(at))


async def gone(at):
    """A version that is too old, then the list anew, as reflectors do."""
    things = client.CustomObjectsApi(at.api)
    of = {"group": "example.com", "version": "v1", "namespace": at.namespace, "plural": "things"}
    name = f"{at.prefix}-thing"
    which = {"field_selector": f"metadata.name={name}", "timeout_seconds": 30}
    listing = things.list_namespaced_custom_object
    try:
        async with watch.Watch().stream(listing, **of, **which, resource_version="1") as events:
            async for _ in events:
                pass
    except client.ApiException as error:
        version = (await listing(**of))["metadata"]["resourceVersion"]
        thing = {"apiVersion": "example.com/v1", "kind": "Thing", "metadata": {"name": name}}
        await things.create_namespaced_custom_object(**of, body=thing)
        async with watch.Watch().stream(listing, **of, **which, resource_version=version) as events:
            async for event in events:
                return {"status": error.status, "afterwards": event["type"]}


async def dynamic_client(at):
    everything = await dynamic.DynamicClient(at.api)
    deployments = await everything.resources.get(api_version="apps/v1", kind="Deployment")
    found = await deployments.get(name=at.deployment, namespace=at.namespace)
    return {"kind": found.kind, "replicas": found.spec.replicas}


CAPABILITIES = {
    "version": version,
    "discovery": discovery,
    "list in pages": pages,
    "table": table,
    "metadata only": metadata_only,
    "gzip": gzip,
    "watch": watched,
    "watch after 410 Gone": gone,
    "dynamic client": dynamic_client,
}
