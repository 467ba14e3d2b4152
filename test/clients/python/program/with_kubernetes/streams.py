from kubernetes.stream import portforward, stream
from kubernetes.stream.ws_client import ERROR_CHANNEL


def logs(at):
    return {"text": at.core.read_namespaced_pod_log(at.pod(), at.namespace, tail_lines=1)}


def logs_followed(at):
    response = at.core.read_namespaced_pod_log(at.pod(), at.namespace, follow=True, _preload_content=False)
    line = next(iter(response.stream()))
    response.close()
    return {"first": line.decode()}


def run(at, *command, **more):
    return stream(
        at.core.connect_get_namespaced_pod_exec,
        at.pod(),
        at.namespace,
        command=list(command),
        stdout=True,
        stderr=True,
        _preload_content=False,
        **more,
    )


def exec_(at):
    running = run(at, "echo", "hello")
    running.run_forever(timeout=30)
    return {"stdout": running.read_stdout(), "failed": running.returncode != 0}


def exec_stdin(at):
    running = run(at, "sh", "-c", "head -n 1; sleep 1", stdin=True)
    running.write_stdin("typed\n")
    running.run_forever(timeout=30)
    return {"stdout": running.read_stdout(), "failed": running.returncode != 0}


def exec_fails(at):
    running = run(at, "sh", "-c", "echo wrong >&2; exit 1")
    running.run_forever(timeout=30)
    return {"stderr": running.read_stderr(), "failed": '"Failure"' in running.read_channel(ERROR_CHANNEL)}


def port_forward(at):
    forward = portforward(at.core.connect_get_namespaced_pod_portforward, at.pod(), at.namespace, ports="80")
    socket = forward.socket(80)
    socket.settimeout(30)
    socket.sendall(b"ping")
    return {"echo": socket.recv(4).decode()}


CAPABILITIES = {
    "logs": logs,
    "logs followed": logs_followed,
    "exec": exec_,
    "exec with input": exec_stdin,
    "exec that fails": exec_fails,
    "port-forward": port_forward,
}
