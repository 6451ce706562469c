package dev.quorate.conformance;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;
import org.junit.platform.commons.support.AnnotationSupport;

/** Gives each check the cluster of its server: started for the first of them, stopped after the last. */
final class SharedClusters implements BeforeEachCallback {

    private static final Namespace CLUSTERS = Namespace.create(SharedClusters.class);

    @Override
    public void beforeEach(ExtensionContext context) {
        Checks checks = (Checks) context.getRequiredTestInstance();
        Server server = checks.server();
        String whyNot = server.whyNot();
        assumeTrue(whyNot == null, whyNot);
        AnnotationSupport.findAnnotation(context.getElement(), Since.class)
                .or(() -> AnnotationSupport.findAnnotation(context.getRequiredTestClass(), Since.class))
                .ifPresent(since -> assumeTrue(
                        server.speaks(since.value()),
                        () -> server + " is version " + server.version() + "; this is there since " + since.value()));
        checks.use(context.getRoot()
                .getStore(CLUSTERS)
                .getOrComputeIfAbsent(server, SharedClusters::start, Cluster.class));
    }

    private static Cluster start(Server server) {
        try {
            return server.start();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
