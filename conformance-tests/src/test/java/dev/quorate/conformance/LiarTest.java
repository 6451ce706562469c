package dev.quorate.conformance;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectClass;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.platform.commons.support.ReflectionSupport;
import org.junit.platform.engine.DiscoverySelector;
import org.junit.platform.testkit.engine.EngineExecutionResults;
import org.junit.platform.testkit.engine.EngineTestKit;

/** A check that a server without a true answer satisfies checks nothing. */
final class LiarTest {

    @Test
    void noCheckIsSatisfiedByAServerThatLies() {
        List<Class<?>> classes = ReflectionSupport.findAllClassesInPackage(
                "dev.quorate.conformance",
                candidate -> candidate.isAnnotationPresent(ConformanceChecks.class),
                name -> true);

        EngineExecutionResults run = EngineTestKit.engine("junit-jupiter")
                .selectors(classes.stream().map(LiarTest::selector).toArray(DiscoverySelector[]::new))
                .configurationParameter(Servers.LIAR, "true")
                .execute();

        List<String> satisfied = run.testEvents().succeeded().stream()
                .map(event -> event.getTestDescriptor().getUniqueId().toString())
                .toList();
        assertTrue(run.testEvents().failed().count() >= classes.size(), "the checks did not run");
        assertEquals(List.of(), satisfied);
    }

    private static DiscoverySelector selector(Class<?> checks) {
        return selectClass(checks);
    }
}
