package dev.quorate.kv.embedded;

import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;

/**
 * An {@link EmbeddedCluster} around JUnit 5 tests.
 *
 * <pre>
 *   &#64;RegisterExtension
 *   static final EmbeddedClusterExtension CLUSTER = EmbeddedClusterExtension.of(3);   // one for all tests of the class
 *
 *   &#64;Test
 *   void something(EmbeddedCluster cluster) { … }   // or CLUSTER.cluster()
 * </pre>
 *
 * A static field gives one cluster for all tests of a class; an instance field gives each test its own. With
 * {@code @ExtendWith(EmbeddedClusterExtension.class)} the class has one node.
 */
public final class EmbeddedClusterExtension
        implements BeforeAllCallback, AfterAllCallback, BeforeEachCallback, AfterEachCallback, ParameterResolver {

    private final UnaryOperator<EmbeddedCluster.Builder> settings;
    private @Nullable EmbeddedCluster cluster;
    /** How many classes, a test class and those nested in it, the cluster is for; 0 if it is for one test. */
    private int classes;

    /** One node. */
    public EmbeddedClusterExtension() {
        this(builder -> builder);
    }

    private EmbeddedClusterExtension(UnaryOperator<EmbeddedCluster.Builder> settings) {
        this.settings = settings;
    }

    /**
     * @param nodes from 1 to {@link EmbeddedCluster#MAX_NODES}
     * @throws IllegalArgumentException if it is outside of that
     */
    public static EmbeddedClusterExtension of(int nodes) {
        EmbeddedCluster.builder().nodes(nodes); // a mistake is told where it was made
        return with(builder -> builder.nodes(nodes));
    }

    /** Any settings; called for each cluster that is started. */
    public static EmbeddedClusterExtension with(UnaryOperator<EmbeddedCluster.Builder> settings) {
        return new EmbeddedClusterExtension(settings);
    }

    /**
     * The cluster that runs.
     *
     * @throws IllegalStateException outside of a test, and of the callbacks around it
     */
    public EmbeddedCluster cluster() {
        EmbeddedCluster current = cluster;
        if (current == null) {
            throw new IllegalStateException("no cluster runs: it does from before the first test (static field) or the"
                    + " test itself (instance field) to its end; is the field annotated with @RegisterExtension?");
        }
        return current;
    }

    @Override
    public void beforeAll(ExtensionContext context) {
        classes++;
        start();
    }

    @Override
    public void beforeEach(ExtensionContext context) {
        start();
    }

    @Override
    public void afterEach(ExtensionContext context) {
        if (classes == 0) {
            stop();
        }
    }

    @Override
    public void afterAll(ExtensionContext context) {
        if (--classes == 0) {
            stop();
        }
    }

    @Override
    public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
        return parameter.getParameter().getType() == EmbeddedCluster.class;
    }

    @Override
    public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
        return cluster();
    }

    private void start() {
        if (cluster == null) {
            cluster = settings.apply(EmbeddedCluster.builder()).start();
        }
    }

    private void stop() {
        EmbeddedCluster current = cluster;
        cluster = null;
        if (current != null) {
            current.close();
        }
    }
}
