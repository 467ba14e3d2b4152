from kubernetes import client


class At:
    """Where a program works, and with what."""

    def __init__(self, namespace, prefix, deployment):
        self.namespace, self.prefix, self.deployment = namespace, prefix, deployment
        self.core, self.apps = client.CoreV1Api(), client.AppsV1Api()

    def config_map(self, name, data=None, **labels):
        return client.V1ConfigMap(
            api_version="v1",
            kind="ConfigMap",
            metadata=client.V1ObjectMeta(name=f"{self.prefix}-{name}", labels={"client": self.prefix, **labels}),
            data=data or {},
        )

    def create(self, name, data=None, **labels):
        return self.core.create_namespaced_config_map(self.namespace, self.config_map(name, data, **labels))

    def delete(self, name):
        return self.core.delete_namespaced_config_map(f"{self.prefix}-{name}", self.namespace)

    def pod(self):
        pods = self.core.list_namespaced_pod(
            self.namespace, label_selector=f"app={self.deployment}", field_selector="status.phase=Running"
        )
        return pods.items[0].metadata.name
