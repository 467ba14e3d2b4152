import json
import threading

from kubernetes import client, dynamic, watch
from kubernetes.informer import SharedInformer

TABLE = "application/json;as=Table;v=v1;g=meta.k8s.io"
METADATA = "application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io"


def version(at):
    return {"server": client.VersionApi().get_code().git_version}


def discovery(at):
    groups = [group.name for group in client.ApisApi().get_api_versions().groups]
    resources = {each.name: each.verbs for each in client.AppsV1Api().get_api_resources().resources}
    core = [each.name for each in client.CoreV1Api().get_api_resources().resources]
    return {
        "groups": sorted(set(groups) & {"apps", "batch"}),
        "versions": client.CoreApi().get_api_versions().versions,
        "deployments": sorted(resources["deployments"]),
        "pods": "pods" in core,
    }


def pages(at):
    for number in range(5):
        at.create(f"page-{number}", {"text": "x" * 40_000}, pages=at.prefix)
    sizes, more = [], None
    while more != "":
        page = at.core.list_namespaced_config_map(
            at.namespace, label_selector=f"pages={at.prefix}", limit=2, _continue=more
        )
        sizes.append(len(page.items))
        more = page.metadata._continue or ""
    return {"sizes": sizes}


def as_bytes(at, **headers):
    """The list of `pages` in another form."""
    return at.core.list_namespaced_config_map(
        at.namespace, label_selector=f"pages={at.prefix}", _preload_content=False, _headers=headers
    )


def table(at):
    found = json.loads(as_bytes(at, Accept=TABLE).data)
    columns = [column["name"] for column in found["columnDefinitions"]]
    return {"kind": found["kind"], "columns": columns, "rows": len(found["rows"])}


def metadata_only(at):
    found = json.loads(as_bytes(at, Accept=METADATA).data)
    return {"kind": found["kind"], "items": len(found["items"]), "data": "data" in found["items"][0]}


def gzip(at):
    response = as_bytes(at, **{"Accept": "application/json", "Accept-Encoding": "gzip"})
    body = json.loads(response.read(decode_content=True) or response.data)
    return {"encoding": response.headers.get("Content-Encoding"), "items": len(body["items"])}


def until_made(at, name, resource_version):
    """Watches until an object comes that is made meanwhile."""
    labels = {"watched": f"{at.prefix}-{name}"}
    making = threading.Timer(0.5, at.create, [name], labels)
    making.start()
    watching = watch.Watch()
    for event in watching.stream(
        at.core.list_namespaced_config_map,
        at.namespace,
        label_selector=f"watched={at.prefix}-{name}",
        resource_version=resource_version,
        timeout_seconds=30,
    ):
        watching.stop()
        making.join()
        return {"type": event["type"], "name": event["object"].metadata.name.removeprefix(at.prefix)}


def now(at):
    return at.core.list_namespaced_config_map(at.namespace, limit=1).metadata.resource_version


def watched(at):
    return until_made(at, "watched", now(at))


def gone(at):
    """A version that is too old, then the list anew, as reflectors do."""
    things = client.CustomObjectsApi()
    of = {"group": "example.com", "version": "v1", "namespace": at.namespace, "plural": "things"}
    name = f"{at.prefix}-thing"
    which = {"field_selector": f"metadata.name={name}", "timeout_seconds": 30}
    watching = watch.Watch()
    try:
        list(watching.stream(things.list_namespaced_custom_object, **of, **which, resource_version="1"))
    except client.ApiException as error:
        listed = things.list_namespaced_custom_object(**of)["metadata"]["resourceVersion"]
        thing = {"apiVersion": "example.com/v1", "kind": "Thing", "metadata": {"name": name}}
        things.create_namespaced_custom_object(**of, body=thing)
        for event in watching.stream(things.list_namespaced_custom_object, **of, **which, resource_version=listed):
            watching.stop()
            return {"status": error.status, "afterwards": event["type"]}


def informer(at):
    added, deleted = threading.Event(), threading.Event()
    informer = SharedInformer(
        at.core.list_namespaced_config_map, namespace=at.namespace, label_selector=f"informed={at.prefix}"
    )
    informer.add_event_handler("ADDED", lambda _: added.set())
    informer.add_event_handler("DELETED", lambda _: deleted.set())
    informer.start()
    at.create("informed", informed=at.prefix)
    saw = {"added": added.wait(30)}
    at.delete("informed")
    saw["deleted"] = deleted.wait(30)
    informer.stop()
    return saw


def dynamic_client(at):
    deployments = dynamic.DynamicClient(client.ApiClient()).resources.get(api_version="apps/v1", kind="Deployment")
    found = deployments.get(name=at.deployment, namespace=at.namespace)
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
    "informer": informer,
    "dynamic client": dynamic_client,
}
