"""Usage: python -m lists KUBECONFIG NAMESPACE COUNT: so many lists, one after the other."""

import sys

from kubernetes import client, config

if __name__ == "__main__":
    kubeconfig, namespace, count = sys.argv[1:]
    config.load_kube_config(kubeconfig)
    core = client.CoreV1Api()
    for _ in range(int(count)):
        core.list_namespaced_pod(namespace)
        print("listed")
