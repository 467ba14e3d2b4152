"""What a model's program does with `leasegate mcp --http`, with the official Python SDK: a lease, kubectl under it, and back.

Prints a line of JSON for each step.
"""

import asyncio
import json
import os
import subprocess
import sys

import httpx2
from mcp.client.client import Client
from mcp.client.streamable_http import streamable_http_client
from mcp.types import ElicitResult

URL, TOKEN_FILE, MODE, FOLDER = sys.argv[1:5]


COMMANDS = (
    "kubectl get pods -n shop",
    "kubectl rollout restart deployment/web -n shop",
    "kubectl delete pods --all -n shop",
)


def say(step: str, **what: object) -> None:
    print(json.dumps({"step": step, **what}), flush=True)


def run(command: str) -> dict[str, object]:
    done = subprocess.run(["bash", "-c", command], capture_output=True, text=True, check=False)
    return {"code": done.returncode, "out": done.stdout, "err": done.stderr}


async def user(_context: object, form: object) -> ElicitResult:
    """Whoever sits at the program."""
    say("asked", fields=sorted(form.requested_schema["properties"]))
    return ElicitResult(action="accept", content={"reason": "web answers slowly"})


async def main() -> None:
    with open(TOKEN_FILE, encoding="utf-8") as file:
        headers = {"authorization": f"Bearer {file.read().strip()}"}
    async with httpx2.AsyncClient(headers=headers, timeout=60) as http:
        transport = streamable_http_client(URL, http_client=http)
        async with Client(transport, mode=MODE, elicitation_callback=user) as client:
            say("connected", version=client.session.protocol_version)
            wish = {"template": "restart-web", "namespaces": ["shop"], "ttl": "5m"}
            taken = await client.call_tool("request_lease", wish)
            if taken.is_error:
                raise RuntimeError(taken.content[0].text)
            lease = taken.structured_content["lease"]
            say("lease", **taken.structured_content)
            prepared = await asyncio.to_thread(run, taken.structured_content["next"])
            say("kubeconfig", **prepared)
            os.environ["KUBECONFIG"] = os.path.join(os.getcwd(), "kubeconfig.yaml")
            for command in COMMANDS:
                say(command, **await asyncio.to_thread(run, command))
            back = await client.call_tool("give_back", {"lease": lease})
            say("back", error=back.is_error)
            say("after", **await asyncio.to_thread(run, "kubectl get pods -n shop"))


os.chdir(FOLDER)
asyncio.run(main())
