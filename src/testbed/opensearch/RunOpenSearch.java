import java.nio.file.Path;
import org.codelibs.opensearch.runner.OpenSearchRunner;

/// Runs one OpenSearch node below the folder given, on the HTTP port given, and ends with the process.
public final class RunOpenSearch {
    private RunOpenSearch() {}

    public static void main(String[] args) throws Exception {
        var port = args[1];
        var runner = new OpenSearchRunner();
        runner.onBuild((number, settings) -> {
            settings.put("http.port", port);
            settings.put("discovery.type", "single-node");
            settings.put("cluster.routing.allocation.disk.threshold_enabled", false);
        });
        runner.build(OpenSearchRunner.newConfigs()
                .basePath(Path.of(args[0], "node").toString())
                .clusterName("testbed")
                .numOfNode(1)
                .useLogger());
        runner.ensureYellow();
        Runtime.getRuntime().addShutdownHook(new Thread(() -> {
            try {
                runner.close();
            } catch (Exception e) {
                e.printStackTrace();
            }
        }));
        Thread.currentThread().join();
    }
}
