"""Lists pods and a refusal with libraries that know only the older way to ask a plugin for a token."""

import json
import sys

import lightkube
import pykube
import requests
from lightkube.resources.core_v1 import Pod

kubeconfig, own, foreign = sys.argv[1:]


def with_lightkube(namespace):
    config = lightkube.KubeConfig.from_file(kubeconfig)
    return [pod.metadata.name for pod in lightkube.Client(config=config).list(Pod, namespace=namespace)]


def with_pykube(namespace):
    api = pykube.HTTPClient(pykube.KubeConfig.from_file(kubeconfig))
    return [pod.name for pod in pykube.Pod.objects(api).filter(namespace=namespace)]


def said(look, namespace):
    try:
        return look(namespace)
    except requests.HTTPError as refused:
        return refused.response.json()["message"]
    except lightkube.ApiError as refused:
        return str(refused)


looks = {"lightkube": with_lightkube, "pykube-ng": with_pykube}
print(json.dumps({name: [said(look, own), said(look, foreign)] for name, look in looks.items()}))
