"""Makes config maps, many at a time, reads each, and says what failed. Usage: under_load KUBECONFIG NAMESPACE PREFIX COUNT AT_ONCE"""

import sys
from concurrent.futures import ThreadPoolExecutor

from kubernetes import client, config
from kubernetes.client.rest import ApiException
from lines import say

kubeconfig, namespace, prefix, count, at_once = sys.argv[1:]
configuration = client.Configuration()
config.load_kube_config(kubeconfig, client_configuration=configuration)
configuration.connection_pool_maxsize = int(at_once)
# What fails is told, and not tried again.
configuration.retries = 0
core = client.CoreV1Api(client.ApiClient(configuration))


def make_and_read(number):
    name = f"{prefix}-{number}"
    try:
        core.create_namespaced_config_map(namespace, {"metadata": {"name": name}, "data": {"a": "b"}})
        core.read_namespaced_config_map(name, namespace)
    except ApiException as error:
        say("lost", name=name, error=str(error))


with ThreadPoolExecutor(int(at_once)) as workers:
    list(workers.map(make_and_read, range(int(count))))
say("done")
