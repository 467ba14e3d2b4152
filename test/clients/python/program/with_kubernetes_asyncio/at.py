from kubernetes_asyncio import client


class At:
    """Where a program works, and with what."""

    def __init__(self, api, namespace, prefix, deployment):
        self.api, self.namespace, self.prefix, self.deployment = api, namespace, prefix, deployment
        self.core, self.apps = client.CoreV1Api(api), client.AppsV1Api(api)

    def config_map(self, name, data=None, **labels):
        return client.V1ConfigMap(
            metadata=client.V1ObjectMeta(name=f"{self.prefix}-{name}", labels={"client": self.prefix, **labels}),
            data=data or {},
        )

    async def create(self, name, data=None, **labels):
        return await self.core.create_namespaced_config_map(self.namespace, self.config_map(name, data, **labels))

    async def pod(self):
        pods = await self.core.list_namespaced_pod(
            self.namespace, label_selector=f"app={self.deployment}", field_selector="status.phase=Running"
        )
        return pods.items[0].metadata.name
