import io.kubernetes.client.Exec;
import io.kubernetes.client.PodLogs;
import io.kubernetes.client.PortForward;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

final class Streams {
    static final Map<String, Main.Use> CAPABILITIES = new LinkedHashMap<>();

    static {
        CAPABILITIES.put("logs", at -> Map.of("text", at.core().readNamespacedPodLog(at.pod(), at.namespace()).tailLines(1).execute()));
        CAPABILITIES.put("logs followed", Streams::logsFollowed);
        CAPABILITIES.put("exec", at -> run(at, null, "stdout", "echo", "hello"));
        CAPABILITIES.put("exec with input", at -> run(at, "typed\n", "stdout", "sh", "-c", "head -n 1; sleep 1"));
        CAPABILITIES.put("exec that fails", at -> run(at, null, "stderr", "sh", "-c", "echo wrong >&2; exit 1"));
        CAPABILITIES.put("port-forward", Streams::portForward);
    }

    private static Map<String, Object> logsFollowed(At at) throws Exception {
        var container = at.core().readNamespacedPod(at.pod(), at.namespace()).execute().getSpec().getContainers().get(0).getName();
        try (var following = new PodLogs(at.client()).streamNamespacedPodLog(at.namespace(), at.pod(), container)) {
            var lines = new BufferedReader(new InputStreamReader(following, StandardCharsets.UTF_8));
            return Map.of("first", lines.readLine());
        }
    }

    private static Map<String, Object> run(At at, String typed, String stream, String... command) throws Exception {
        var running = new Exec(at.client()).exec(at.namespace(), at.pod(), command, typed != null, false);
        try {
            if (typed != null) {
                running.getOutputStream().write(typed.getBytes(StandardCharsets.UTF_8));
                running.getOutputStream().flush();
            }
            var output = stream.equals("stdout") ? running.getInputStream() : running.getErrorStream();
            var text = new String(output.readAllBytes(), StandardCharsets.UTF_8);
            return Map.of(stream, text, "failed", running.waitFor() != 0);
        } finally {
            running.destroy();
        }
    }

    private static Map<String, Object> portForward(At at) throws Exception {
        var forward = new PortForward(at.client()).forward(at.namespace(), at.pod(), List.of(80));
        forward.getOutboundStream(80).write("ping".getBytes(StandardCharsets.UTF_8));
        forward.getOutboundStream(80).flush();
        return Map.of("echo", new String(forward.getInputStream(80).readNBytes(4), StandardCharsets.UTF_8));
    }
}
