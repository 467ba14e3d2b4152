import com.google.gson.reflect.TypeToken;
import io.kubernetes.client.openapi.ApiException;
import io.kubernetes.client.openapi.JSON;
import io.kubernetes.client.openapi.models.V1ConfigMap;
import io.kubernetes.client.openapi.models.V1Status;
import io.kubernetes.client.util.Watch;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Usage: java Main TASK KUBECONFIG NAMESPACE PREFIX DEPLOYMENT. It knows nothing of Leasegate but the kubeconfig. */
final class Main {
    interface Use {
        Map<String, Object> of(At at) throws Exception;
    }

    public static void main(String[] args) throws Exception {
        switch (args[0]) {
            case "check" -> check(args);
            case "follow" -> follow(args);
            case "refused" -> refused(at(args), args[3]);
            case "approved" -> approved(at(args));
            default -> throw new IllegalArgumentException(args[0]);
        }
        System.exit(0);
    }

    private static At at(String[] args) throws Exception {
        return At.of(args[1], args[2], args[3], args[4]);
    }

    static void say(String says, Map<String, ?> more) {
        var line = new HashMap<String, Object>(more);
        line.put("says", says);
        System.out.println(JSON.getGson().toJson(line));
    }

    /** What a program can read of a refusal: the API server's Status, in the body of the exception. */
    static Map<String, Object> refusal(Exception error) {
        var seen = new HashMap<String, Object>();
        var found = error instanceof ApiException known ? known : null;
        var body = found == null ? null : found.getResponseBody();
        var status = body == null || !body.startsWith("{") ? null : JSON.<V1Status>deserialize(body, V1Status.class);
        seen.put("status", found == null ? null : found.getCode());
        seen.put("reason", status == null ? null : status.getReason());
        seen.put("message", status == null ? String.valueOf(error) : status.getMessage());
        var causes = status == null || status.getDetails() == null ? null : status.getDetails().getCauses();
        seen.put("causes", causes == null ? List.of() : causes.stream().map(each -> each.getReason()).toList());
        return seen;
    }

    private static void check(String[] args) throws Exception {
        var all = new LinkedHashMap<String, Use>(Reading.CAPABILITIES);
        all.putAll(Writing.CAPABILITIES);
        all.putAll(Streams.CAPABILITIES);
        for (var each : all.entrySet()) {
            try {
                say("did", Map.of("capability", each.getKey(), "saw", each.getValue().of(at(args))));
            } catch (Exception error) {
                error.printStackTrace();
                say("failed", Map.of("capability", each.getKey(), "error", refusal(error)));
            }
        }
    }

    /** One watch for as long as it lasts. */
    private static void follow(String[] args) throws Exception {
        var at = at(args);
        var which = at.core().listNamespacedConfigMap(at.namespace()).labelSelector("followed=" + at.prefix());
        var now = which.execute().getMetadata().getResourceVersion();
        var type = new TypeToken<Watch.Response<V1ConfigMap>>() {}.getType();
        try (Watch<V1ConfigMap> events = Watch.createWatch(at.client(), which.resourceVersion(now).watch(true).buildCall(null), type)) {
            say("watching", Map.of());
            for (var event : events) {
                var name = event.object == null ? "" : event.object.getMetadata().getName();
                say("event", Map.of("type", event.type, "name", name));
            }
        } catch (Exception error) {
            System.err.println(error);
        }
        say("cut", Map.of());
        refused(at, at.namespace());
    }

    private static void refused(At at, String namespace) {
        try {
            at.core().listNamespacedConfigMap(namespace).execute();
        } catch (ApiException error) {
            say("refused", Map.of("error", refusal(error)));
        }
    }

    /** As a patient program does: 429 says when to come again. */
    private static void approved(At at) throws Exception {
        for (var tries = 0; tries < 60; tries++) {
            try {
                var secret = at.core().readNamespacedSecret(at.prefix(), at.namespace()).execute();
                say("read", Map.of("keys", secret.getData().keySet()));
                return;
            } catch (ApiException error) {
                if (error.getCode() != 429) throw error;
                say("waiting", Map.of("error", refusal(error)));
                Thread.sleep(1000);
            }
        }
    }
}
