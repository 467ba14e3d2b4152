import com.google.gson.reflect.TypeToken;
import io.kubernetes.client.Discovery;
import io.kubernetes.client.informer.ResourceEventHandler;
import io.kubernetes.client.informer.SharedInformerFactory;
import io.kubernetes.client.openapi.ApiException;
import io.kubernetes.client.openapi.JSON;
import io.kubernetes.client.openapi.apis.ApisApi;
import io.kubernetes.client.openapi.apis.CoreApi;
import io.kubernetes.client.openapi.apis.VersionApi;
import io.kubernetes.client.openapi.models.V1ConfigMap;
import io.kubernetes.client.openapi.models.V1ConfigMapList;
import io.kubernetes.client.util.Watch;
import io.kubernetes.client.util.generic.dynamic.DynamicKubernetesApi;
import io.kubernetes.client.util.generic.dynamic.DynamicKubernetesObject;
import io.kubernetes.client.util.generic.options.ListOptions;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.zip.GZIPInputStream;
import okhttp3.Response;

final class Reading {
    static final Map<String, Main.Use> CAPABILITIES = new LinkedHashMap<>();

    static {
        CAPABILITIES.put("version", at -> Map.of("server", new VersionApi(at.client()).getCode().execute().getGitVersion()));
        CAPABILITIES.put("discovery", Reading::discovery);
        CAPABILITIES.put("list in pages", Reading::pages);
        CAPABILITIES.put("table", Reading::table);
        CAPABILITIES.put("metadata only", Reading::metadataOnly);
        CAPABILITIES.put("gzip", Reading::gzip);
        CAPABILITIES.put("watch", Reading::watched);
        CAPABILITIES.put("watch after 410 Gone", Reading::gone);
        CAPABILITIES.put("informer", Reading::informer);
        CAPABILITIES.put("dynamic client", Reading::dynamicClient);
    }

    private static Map<String, Object> discovery(At at) throws Exception {
        var groups = new ApisApi(at.client()).getAPIVersions().execute().getGroups().stream().map(group -> group.getName());
        var found = new Discovery(at.client());
        var deployments = found.resourceDiscovery("/apis/apps/v1").getResources().stream()
            .filter(each -> each.getName().equals("deployments"));
        return Map.of(
            "groups", groups.filter(name -> name.equals("apps") || name.equals("batch")).toList(),
            "versions", new CoreApi(at.client()).getAPIVersions().execute().getVersions(),
            "deployments", deployments.flatMap(each -> each.getVerbs().stream()).sorted().toList(),
            "pods", found.resourceDiscovery("/api/v1").getResources().stream().anyMatch(each -> each.getName().equals("pods")));
    }

    private static Map<String, Object> pages(At at) throws ApiException {
        var data = Map.of("text", "x".repeat(40_000));
        for (var number = 0; number < 5; number++) at.create("page-" + number, data, Map.of("pages", at.prefix()));
        var sizes = new ArrayList<Integer>();
        String more = null;
        do {
            var which = at.core().listNamespacedConfigMap(at.namespace()).labelSelector("pages=" + at.prefix());
            var page = which.limit(2)._continue(more).execute();
            sizes.add(page.getItems().size());
            more = page.getMetadata().getContinue();
        } while (more != null && !more.isEmpty());
        return Map.of("sizes", sizes);
    }

    /** The pages again, with headers of one's own. */
    private static Response raw(At at, String name, String value) throws Exception {
        var which = at.core().listNamespacedConfigMap(at.namespace()).labelSelector("pages=" + at.prefix());
        var request = which.buildCall(null).request().newBuilder().header(name, value).build();
        return at.client().getHttpClient().newCall(request).execute();
    }

    private record Column(String name) {}

    private record Table(String kind, List<Column> columnDefinitions, List<Object> rows) {}

    private static Map<String, Object> table(At at) throws Exception {
        try (var answer = raw(at, "Accept", "application/json;as=Table;v=v1;g=meta.k8s.io")) {
            var found = JSON.getGson().fromJson(answer.body().string(), Table.class);
            var columns = found.columnDefinitions().stream().map(Column::name).toList();
            return Map.of("kind", found.kind(), "columns", columns, "rows", found.rows().size());
        }
    }

    private record Partial(String kind, List<Map<String, Object>> items) {}

    private static Map<String, Object> metadataOnly(At at) throws Exception {
        try (var answer = raw(at, "Accept", "application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io")) {
            var found = JSON.getGson().fromJson(answer.body().string(), Partial.class);
            var data = found.items().stream().anyMatch(item -> item.containsKey("data"));
            return Map.of("kind", found.kind(), "items", found.items().size(), "data", data);
        }
    }

    private static Map<String, Object> gzip(At at) throws Exception {
        try (var answer = raw(at, "Accept-Encoding", "gzip")) {
            var text = new String(new GZIPInputStream(answer.body().byteStream()).readAllBytes());
            var items = JSON.getGson().fromJson(text, Partial.class).items().size();
            return Map.of("encoding", answer.header("Content-Encoding"), "items", items);
        }
    }

    private static Map<String, Object> watched(At at) throws Exception {
        var which = at.core().listNamespacedConfigMap(at.namespace()).labelSelector("watched=" + at.prefix());
        var now = which.execute().getMetadata().getResourceVersion();
        var type = new TypeToken<Watch.Response<V1ConfigMap>>() {}.getType();
        var call = which.resourceVersion(now).timeoutSeconds(30).watch(true).buildCall(null);
        try (Watch<V1ConfigMap> events = Watch.createWatch(at.client(), call, type)) {
            at.create("watched", Map.of(), Map.of("watched", at.prefix()));
            var event = events.next();
            return Map.of("type", event.type, "name", event.object.getMetadata().getName().replace(at.prefix(), ""));
        }
    }

    /** A version that is too old, then the list anew, as reflectors do. */
    private static Map<String, Object> gone(At at) throws Exception {
        var things = new DynamicKubernetesApi("example.com", "v1", "things", at.client());
        var which = new ListOptions();
        which.setFieldSelector("metadata.name=" + at.named("thing"));
        which.setTimeoutSeconds(30);
        which.setResourceVersion("1");
        int status;
        try (var old = things.watch(at.namespace(), which)) {
            status = old.next().status.getCode();
        }
        var listed = things.list(at.namespace()).throwsApiException().getObject();
        var thing = new DynamicKubernetesObject();
        thing.setApiVersion("example.com/v1");
        thing.setKind("Thing");
        thing.setMetadata(new io.kubernetes.client.openapi.models.V1ObjectMeta().name(at.named("thing")).namespace(at.namespace()));
        things.create(thing).throwsApiException();
        which.setResourceVersion(listed.getMetadata().getResourceVersion());
        try (var again = things.watch(at.namespace(), which)) {
            return Map.of("status", status, "afterwards", again.next().type);
        }
    }

    private static Map<String, Object> informer(At at) throws Exception {
        var added = new CompletableFuture<Boolean>();
        var deleted = new CompletableFuture<Boolean>();
        var factory = new SharedInformerFactory(at.client());
        var informing = factory.sharedIndexInformerFor(
            how -> at.core().listNamespacedConfigMap(at.namespace()).labelSelector("informed=" + at.prefix())
                .resourceVersion(how.resourceVersion).timeoutSeconds(how.timeoutSeconds).watch(how.watch).buildCall(null),
            V1ConfigMap.class, V1ConfigMapList.class);
        informing.addEventHandler(new ResourceEventHandler<V1ConfigMap>() {
            @Override
            public void onAdd(V1ConfigMap found) {
                added.complete(true);
            }

            @Override
            public void onUpdate(V1ConfigMap before, V1ConfigMap after) {}

            @Override
            public void onDelete(V1ConfigMap found, boolean unknown) {
                deleted.complete(true);
            }
        });
        factory.startAllRegisteredInformers();
        try {
            at.create("informed", Map.of(), Map.of("informed", at.prefix()));
            added.get(60, TimeUnit.SECONDS);
            at.core().deleteNamespacedConfigMap(at.named("informed"), at.namespace()).execute();
            return Map.of("added", true, "deleted", deleted.get(60, TimeUnit.SECONDS));
        } finally {
            factory.stopAllRegisteredInformers();
        }
    }

    private static Map<String, Object> dynamicClient(At at) throws Exception {
        var deployments = new DynamicKubernetesApi("apps", "v1", "deployments", at.client());
        var found = deployments.get(at.namespace(), at.deployment()).throwsApiException().getObject();
        var replicas = found.getRaw().getAsJsonObject("spec").get("replicas").getAsInt();
        return Map.of("kind", found.getKind(), "replicas", replicas);
    }
}
