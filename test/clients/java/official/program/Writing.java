import io.kubernetes.client.custom.V1Patch;
import io.kubernetes.client.openapi.ApiException;
import io.kubernetes.client.openapi.models.V1ConfigMap;
import io.kubernetes.client.openapi.models.V1Container;
import io.kubernetes.client.openapi.models.V1DeleteOptions;
import io.kubernetes.client.openapi.models.V1Deployment;
import io.kubernetes.client.openapi.models.V1DeploymentSpec;
import io.kubernetes.client.openapi.models.V1LabelSelector;
import io.kubernetes.client.openapi.models.V1ObjectMeta;
import io.kubernetes.client.openapi.models.V1PodSpec;
import io.kubernetes.client.openapi.models.V1PodTemplateSpec;
import io.kubernetes.client.util.PatchUtils;
import java.util.LinkedHashMap;
import java.util.Map;

final class Writing {
    static final Map<String, Main.Use> CAPABILITIES = new LinkedHashMap<>();

    static {
        CAPABILITIES.put("create", at -> Map.of("data", at.create("written", Map.of("one", "1"), Map.of()).getData()));
        CAPABILITIES.put("dry run", Writing::dryRun);
        CAPABILITIES.put("replace", Writing::replace);
        CAPABILITIES.put("JSON patch", at -> patched(at, V1Patch.PATCH_FORMAT_JSON_PATCH, "[{\"op\":\"add\",\"path\":\"/data/json\",\"value\":\"yes\"}]"));
        CAPABILITIES.put("merge patch", at -> patched(at, V1Patch.PATCH_FORMAT_JSON_MERGE_PATCH, "{\"data\":{\"json\":null,\"merge\":\"yes\"}}"));
        CAPABILITIES.put("strategic merge patch", at -> patched(at, V1Patch.PATCH_FORMAT_STRATEGIC_MERGE_PATCH, "{\"data\":{\"strategic\":\"yes\"}}"));
        CAPABILITIES.put("server-side apply", Writing::apply);
        CAPABILITIES.put("scale", Writing::scale);
        CAPABILITIES.put("status", Writing::status);
        CAPABILITIES.put("delete with options", Writing::delete);
        CAPABILITIES.put("delete a collection", Writing::deleteAll);
    }

    private interface Look {
        Object at() throws ApiException;
    }

    private static Map<String, Object> afterwards(Look look) {
        try {
            look.at();
            return Map.of("afterwards", 200);
        } catch (ApiException error) {
            return Map.of("afterwards", error.getCode());
        }
    }

    private static Map<String, Object> dryRun(At at) throws ApiException {
        at.core().createNamespacedConfigMap(at.namespace(), at.configMap("dry", Map.of(), Map.of())).dryRun("All").execute();
        return afterwards(() -> at.read("dry"));
    }

    private static Map<String, Object> replace(At at) throws ApiException {
        var written = at.read("written");
        written.getData().put("two", "2");
        return Map.of("data", at.core().replaceNamespacedConfigMap(at.named("written"), at.namespace(), written).execute().getData());
    }

    private static Map<String, Object> patched(At at, String format, String body) throws ApiException {
        var call = at.core().patchNamespacedConfigMap(at.named("written"), at.namespace(), new V1Patch(body));
        return Map.of("data", PatchUtils.patch(V1ConfigMap.class, () -> call.buildCall(null), format, at.client()).getData());
    }

    private static V1ConfigMap applied(At at, String owner, boolean force) throws ApiException {
        var body = "{\"apiVersion\":\"v1\",\"kind\":\"ConfigMap\",\"metadata\":{\"name\":\"%s\"},\"data\":{\"owner\":\"%s\"}}"
            .formatted(at.named("applied"), owner);
        var call = at.core().patchNamespacedConfigMap(at.named("applied"), at.namespace(), new V1Patch(body)).fieldManager(owner);
        if (force) call.force(true);
        return PatchUtils.patch(V1ConfigMap.class, () -> call.buildCall(null), V1Patch.PATCH_FORMAT_APPLY_YAML, at.client());
    }

    private static Map<String, Object> apply(At at) throws ApiException {
        applied(at, "one", false);
        try {
            applied(at, "two", false);
            return Map.of();
        } catch (ApiException error) {
            var seen = Main.refusal(error);
            seen.remove("message");
            seen.put("forced", applied(at, "two", true).getData());
            return seen;
        }
    }

    private static Map<String, Object> scale(At at) throws ApiException {
        var labels = Map.of("app", at.named("scaled"));
        var pod = new V1PodSpec().automountServiceAccountToken(false).addContainersItem(new V1Container().name("main").image("main:1"));
        var deployment = new V1Deployment()
            .metadata(new V1ObjectMeta().name(at.named("scaled")))
            .spec(new V1DeploymentSpec().replicas(1)
                .selector(new V1LabelSelector().matchLabels(labels))
                .template(new V1PodTemplateSpec().metadata(new V1ObjectMeta().labels(labels)).spec(pod)));
        at.apps().createNamespacedDeployment(at.namespace(), deployment).execute();
        var was = at.apps().readNamespacedDeploymentScale(at.named("scaled"), at.namespace()).execute();
        int before = was.getSpec().getReplicas();
        was.getSpec().setReplicas(2);
        // The deployment's controller writes to it meanwhile.
        was.getMetadata().setResourceVersion(null);
        var now = at.apps().replaceNamespacedDeploymentScale(at.named("scaled"), at.namespace(), was).execute();
        return Map.of("was", before, "now", now.getSpec().getReplicas());
    }

    private static Map<String, Object> status(At at) throws ApiException {
        var patch = "{\"status\":{\"conditions\":[{\"type\":\"Seen\",\"status\":\"True\",\"reason\":\"Tested\",\"message\":\"by a program\"}]}}";
        var call = at.apps().patchNamespacedDeploymentStatus(at.named("scaled"), at.namespace(), new V1Patch(patch));
        var format = V1Patch.PATCH_FORMAT_STRATEGIC_MERGE_PATCH;
        var found = PatchUtils.patch(V1Deployment.class, () -> call.buildCall(null), format, at.client());
        return Map.of("seen", found.getStatus().getConditions().stream().anyMatch(each -> each.getType().equals("Seen")));
    }

    private static Map<String, Object> delete(At at) throws ApiException {
        var how = new V1DeleteOptions().propagationPolicy("Background").gracePeriodSeconds(0L);
        var call = at.apps().deleteNamespacedDeployment(at.named("scaled"), at.namespace());
        call.propagationPolicy("Background").gracePeriodSeconds(0).body(how).execute();
        at.core().deleteNamespacedConfigMap(at.named("written"), at.namespace()).body(new V1DeleteOptions()).execute();
        return afterwards(() -> at.apps().readNamespacedDeployment(at.named("scaled"), at.namespace()).execute());
    }

    private static Map<String, Object> deleteAll(At at) throws ApiException {
        var which = "client=" + at.prefix();
        at.core().deleteCollectionNamespacedConfigMap(at.namespace()).labelSelector(which).execute();
        return Map.of("left", at.core().listNamespacedConfigMap(at.namespace()).labelSelector(which).execute().getItems().size());
    }
}
