from kubernetes_asyncio import client
from kubernetes_asyncio.stream import WsApiClient

STDIN, STDOUT, STDERR, ERROR = range(4)


async def logs(at):
    return {"text": await at.core.read_namespaced_pod_log(await at.pod(), at.namespace, tail_lines=1)}


async def logs_followed(at):
    response = await at.core.read_namespaced_pod_log(
        await at.pod(), at.namespace, follow=True, _preload_content=False
    )
    line = await response.content.readline()
    response.close()
    return {"first": line.decode()}


async def run(at, *command, typed=None):
    said = {STDOUT: "", STDERR: "", ERROR: ""}
    pod = await at.pod()
    async with WsApiClient(at.api.configuration) as api:
        opening = await client.CoreV1Api(api).connect_get_namespaced_pod_exec(
            pod,
            at.namespace,
            command=list(command),
            stdin=typed is not None,
            stdout=True,
            stderr=True,
            _preload_content=False,
        )
        async with opening as socket:
            if typed is not None:
                await socket.send_bytes(bytes([STDIN]) + typed.encode())
            async for message in socket:
                said[message.data[0]] += message.data[1:].decode()
    return said[STDOUT], said[STDERR], said[ERROR]


async def exec_(at):
    stdout, _, status = await run(at, "echo", "hello")
    return {"stdout": stdout, "failed": WsApiClient.parse_error_data(status) != 0}


async def exec_stdin(at):
    stdout, _, status = await run(at, "sh", "-c", "head -n 1; sleep 1", typed="typed\n")
    return {"stdout": stdout, "failed": WsApiClient.parse_error_data(status) != 0}


async def exec_fails(at):
    _, stderr, status = await run(at, "sh", "-c", "echo wrong >&2; exit 1")
    return {"stderr": stderr, "failed": '"Failure"' in status}


CAPABILITIES = {
    "logs": logs,
    "logs followed": logs_followed,
    "exec": exec_,
    "exec with input": exec_stdin,
    "exec that fails": exec_fails,
}
