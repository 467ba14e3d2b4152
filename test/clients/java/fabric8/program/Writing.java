import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.DeletionPropagation;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.apps.DeploymentBuilder;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.RollableScalableResource;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import java.util.LinkedHashMap;
import java.util.Map;

final class Writing {
    static final Map<String, Main.Use> CAPABILITIES = new LinkedHashMap<>();

    static {
        CAPABILITIES.put("create", at -> Map.of("data", at.create("written", Map.of("one", "1"), Map.of()).getData()));
        CAPABILITIES.put("dry run", Writing::dryRun);
        CAPABILITIES.put("replace", Writing::replace);
        CAPABILITIES.put("JSON patch", at -> patched(at, PatchType.JSON, "[{\"op\":\"add\",\"path\":\"/data/json\",\"value\":\"yes\"}]"));
        CAPABILITIES.put("merge patch", at -> patched(at, PatchType.JSON_MERGE, "{\"data\":{\"json\":null,\"merge\":\"yes\"}}"));
        CAPABILITIES.put("strategic merge patch", at -> patched(at, PatchType.STRATEGIC_MERGE, "{\"data\":{\"strategic\":\"yes\"}}"));
        CAPABILITIES.put("server-side apply", Writing::apply);
        CAPABILITIES.put("scale", Writing::scale);
        CAPABILITIES.put("status", Writing::status);
        CAPABILITIES.put("delete with options", Writing::delete);
    }

    /** The library answers null where there is nothing. */
    private static Map<String, Object> afterwards(Object found) {
        return Map.of("afterwards", found == null ? 404 : 200);
    }

    private static Map<String, Object> dryRun(At at) {
        at.configMaps().resource(at.configMap("dry", Map.of(), Map.of())).dryRun().create();
        return afterwards(at.configMaps().withName(at.named("dry")).get());
    }

    private static Map<String, Object> replace(At at) {
        var written = at.configMaps().withName(at.named("written")).get();
        written.getData().put("two", "2");
        return Map.of("data", at.configMaps().resource(written).update().getData());
    }

    private static Map<String, Object> patched(At at, PatchType type, String body) {
        return Map.of("data", at.configMaps().withName(at.named("written")).patch(PatchContext.of(type), body).getData());
    }

    private static Map<String, Object> apply(At at) {
        at.configMaps().resource(owned(at, "one")).fieldManager("one").serverSideApply();
        var two = at.configMaps().resource(owned(at, "two")).fieldManager("two");
        try {
            two.serverSideApply();
            return Map.of();
        } catch (KubernetesClientException error) {
            var seen = Main.refusal(error);
            seen.remove("message");
            seen.put("forced", two.forceConflicts().serverSideApply().getData());
            return seen;
        }
    }

    private static ConfigMap owned(At at, String owner) {
        var object = at.configMap("applied", Map.of("owner", owner), Map.of());
        object.getMetadata().setLabels(null);
        return object;
    }

    private static RollableScalableResource<Deployment> scaled(At at) {
        return at.client().apps().deployments().inNamespace(at.namespace()).withName(at.named("scaled"));
    }

    private static Map<String, Object> scale(At at) {
        var labels = Map.of("app", at.named("scaled"));
        var deployment = new DeploymentBuilder()
            .withNewMetadata().withName(at.named("scaled")).endMetadata()
            .withNewSpec().withReplicas(1)
            .withNewSelector().withMatchLabels(labels).endSelector()
            .withNewTemplate().withNewMetadata().withLabels(labels).endMetadata()
            .withNewSpec().withAutomountServiceAccountToken(false)
            .addNewContainer().withName("main").withImage("main:1").endContainer()
            .endSpec().endTemplate().endSpec().build();
        at.client().apps().deployments().inNamespace(at.namespace()).resource(deployment).create();
        var was = scaled(at).scale();
        int before = was.getSpec().getReplicas();
        was.getSpec().setReplicas(2);
        return Map.of("was", before, "now", scaled(at).scale(was).getSpec().getReplicas());
    }

    private static Map<String, Object> status(At at) {
        var patch = "{\"status\":{\"conditions\":[{\"type\":\"Seen\",\"status\":\"True\",\"reason\":\"Tested\",\"message\":\"by a program\"}]}}";
        var found = scaled(at).subresource("status").patch(PatchContext.of(PatchType.STRATEGIC_MERGE), patch);
        return Map.of("seen", found.getStatus().getConditions().stream().anyMatch(each -> each.getType().equals("Seen")));
    }

    private static Map<String, Object> delete(At at) {
        scaled(at).withPropagationPolicy(DeletionPropagation.BACKGROUND).withGracePeriod(0).delete();
        return afterwards(scaled(at).get());
    }
}
