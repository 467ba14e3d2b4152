import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.ListOptionsBuilder;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.Watcher;
import io.fabric8.kubernetes.client.WatcherException;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;

/** Usage: java Main TASK KUBECONFIG NAMESPACE PREFIX DEPLOYMENT. It knows nothing of Leasegate but the kubeconfig. */
final class Main {
    interface Use {
        Map<String, Object> of(At at) throws Exception;
    }

    public static void main(String[] args) throws Exception {
        var at = At.of(args[1], args[2], args[3], args[4]);
        switch (args[0]) {
            case "check" -> check(at);
            case "follow" -> follow(at);
            case "refused" -> refused(at, args[3]);
            case "approved" -> approved(at);
            default -> throw new IllegalArgumentException(args[0]);
        }
        System.exit(0);
    }

    static void say(String says, Map<String, ?> more) throws Exception {
        var line = new HashMap<String, Object>(more);
        line.put("says", says);
        System.out.println(Serialization.jsonMapper().writeValueAsString(line));
    }

    /** What a program can read of a refusal: the API server's Status. */
    static Map<String, Object> refusal(Exception error) {
        var seen = new HashMap<String, Object>();
        var found = error instanceof KubernetesClientException known ? known : null;
        var status = found == null ? null : found.getStatus();
        seen.put("status", found == null ? null : found.getCode());
        seen.put("reason", status == null ? null : status.getReason());
        seen.put("message", status == null ? String.valueOf(error) : status.getMessage());
        var details = status == null ? null : status.getDetails();
        seen.put("causes", details == null ? List.of() : details.getCauses().stream().map(each -> each.getReason()).toList());
        return seen;
    }

    private static void check(At at) throws Exception {
        var all = new LinkedHashMap<String, Use>(Reading.CAPABILITIES);
        all.putAll(Writing.CAPABILITIES);
        all.putAll(Streams.CAPABILITIES);
        for (var each : all.entrySet()) {
            try {
                say("did", Map.of("capability", each.getKey(), "saw", each.getValue().of(at)));
            } catch (Exception error) {
                error.printStackTrace();
                say("failed", Map.of("capability", each.getKey(), "error", refusal(error)));
            }
        }
    }

    /** One watch for as long as it lasts. */
    private static void follow(At at) throws Exception {
        var listed = at.configMaps().withLabel("followed", at.prefix()).list();
        var options = new ListOptionsBuilder().withResourceVersion(listed.getMetadata().getResourceVersion()).build();
        var cut = new CompletableFuture<String>();
        at.configMaps().withLabel("followed", at.prefix()).watch(options, new Watcher<ConfigMap>() {
            @Override
            public void eventReceived(Action action, ConfigMap found) {
                try {
                    say("event", Map.of("type", action.name(), "name", found.getMetadata().getName()));
                } catch (Exception error) {
                    cut.completeExceptionally(error);
                }
            }

            @Override
            public void onClose(WatcherException cause) {
                cut.complete(String.valueOf(cause));
            }
        });
        say("watching", Map.of());
        say("cut", Map.of("error", cut.get()));
        refused(at, at.namespace());
    }

    private static void refused(At at, String namespace) throws Exception {
        try {
            at.client().configMaps().inNamespace(namespace).list();
        } catch (KubernetesClientException error) {
            say("refused", Map.of("error", refusal(error)));
        }
    }

    /** As a patient program does: 429 says when to come again. */
    private static void approved(At at) throws Exception {
        for (var tries = 0; tries < 60; tries++) {
            try {
                var secret = at.client().secrets().inNamespace(at.namespace()).withName(at.prefix()).get();
                say("read", Map.of("keys", secret.getData().keySet()));
                return;
            } catch (KubernetesClientException error) {
                if (error.getCode() != 429) throw error;
                say("waiting", Map.of("error", refusal(error)));
                Thread.sleep(1000);
            }
        }
    }
}
