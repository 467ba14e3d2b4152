"""Usage: python -m cut KUBECONFIG NAMESPACE POD: says how a command, a log and a watch end that are cut."""

import sys
import threading

from kubernetes import client, config, watch
from kubernetes.stream import stream

from lines import say

LONG = ["sh", "-c", "echo begun; sleep 300"]


def run(core, namespace, pod):
    """What a script looks at: the exit code, which comes as a Status at the end."""
    session = stream(
        core.connect_get_namespaced_pod_exec, pod, namespace, command=LONG, stdout=True, stderr=True, _preload_content=False
    )
    session.run_forever(timeout=300)
    return session.returncode


def log(core, namespace, pod):
    answer = core.read_namespaced_pod_log(pod, namespace, follow=True, _preload_content=False)
    for _ in answer.stream():
        pass
    return 0


def follow(core, namespace, pod):
    for _ in watch.Watch().stream(core.list_namespaced_config_map, namespace, timeout_seconds=300):
        pass
    return 0


def end(name, use, *where):
    # A client of its own: the one of exec speaks WebSocket meanwhile.
    core = client.CoreV1Api(client.ApiClient())
    try:
        say("ended", what=name, code=use(core, *where), error=None)
    except Exception as error:
        say("ended", what=name, code=None, error=type(error).__name__)


if __name__ == "__main__":
    kubeconfig, *where = sys.argv[1:]
    config.load_kube_config(kubeconfig)
    uses = {"exec": run, "log": log, "watch": follow}
    threads = [threading.Thread(target=end, args=(name, use, *where)) for name, use in uses.items()]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
