import io.fabric8.kubernetes.client.dsl.ExecWatch;
import java.io.BufferedReader;
import java.io.ByteArrayOutputStream;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;

final class Streams {
    static final Map<String, Main.Use> CAPABILITIES = new LinkedHashMap<>();

    static {
        CAPABILITIES.put("logs", at -> Map.of("text", at.pod().tailingLines(1).getLog()));
        CAPABILITIES.put("logs followed", Streams::logsFollowed);
        CAPABILITIES.put("exec", at -> run(at, null, "stdout", "echo", "hello"));
        CAPABILITIES.put("exec with input", at -> run(at, "typed\n", "stdout", "sh", "-c", "head -n 1; sleep 1"));
        CAPABILITIES.put("exec that fails", at -> run(at, null, "stderr", "sh", "-c", "echo wrong >&2; exit 1"));
        CAPABILITIES.put("port-forward", Streams::portForward);
    }

    private static Map<String, Object> logsFollowed(At at) throws Exception {
        try (var following = at.pod().watchLog()) {
            var lines = new BufferedReader(new InputStreamReader(following.getOutput(), StandardCharsets.UTF_8));
            return Map.of("first", lines.readLine());
        }
    }

    private static Map<String, Object> run(At at, String typed, String stream, String... command) throws Exception {
        var stdout = new ByteArrayOutputStream();
        var stderr = new ByteArrayOutputStream();
        try (ExecWatch running = started(at, typed, stdout, stderr, command)) {
            if (typed != null) {
                running.getInput().write(typed.getBytes(StandardCharsets.UTF_8));
                running.getInput().flush();
            }
            var code = running.exitCode().get(30, TimeUnit.SECONDS);
            var text = (stream.equals("stdout") ? stdout : stderr).toString(StandardCharsets.UTF_8);
            return Map.of(stream, text, "failed", code == null || code != 0);
        }
    }

    private static ExecWatch started(At at, String typed, ByteArrayOutputStream stdout, ByteArrayOutputStream stderr, String... command) {
        var pod = at.pod();
        if (typed == null) return pod.writingOutput(stdout).writingError(stderr).exec(command);
        return pod.redirectingInput().writingOutput(stdout).writingError(stderr).exec(command);
    }

    private static Map<String, Object> portForward(At at) throws Exception {
        try (var forward = at.pod().portForward(80);
            var socket = new Socket(InetAddress.getLoopbackAddress(), forward.getLocalPort())) {
            socket.getOutputStream().write("ping".getBytes(StandardCharsets.UTF_8));
            return Map.of("echo", new String(socket.getInputStream().readNBytes(4), StandardCharsets.UTF_8));
        }
    }
}
