package dev.quorate.kv.embedded;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectClass;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.platform.testkit.engine.EngineTestKit;

final class EmbeddedClusterExtensionTest {

    @RegisterExtension
    static final EmbeddedClusterExtension CLUSTER = EmbeddedClusterExtension.of(1);

    @Test
    void aTestIsGivenTheClusterOfItsClass(EmbeddedCluster cluster) throws Exception {
        assertSame(CLUSTER.cluster(), cluster);
        try (Jetcd client = new Jetcd(cluster)) {
            client.put("greeting", "hello");
            assertEquals("hello", client.get("greeting"));
        }
    }

    @Nested
    final class WhatIsNested {
        @Test
        void sharesIt(EmbeddedCluster cluster) {
            assertSame(CLUSTER.cluster(), cluster);
            assertEquals("n1", cluster.awaitLeader());
        }
    }

    @Test
    void anInstanceFieldGivesEachTestItsOwnAndStopsIt() {
        EachItsOwn.SEEN.clear();

        EngineTestKit.engine("junit-jupiter")
                .selectors(selectClass(EachItsOwn.class))
                .execute()
                .testEvents()
                .assertStatistics(events -> events.succeeded(2));

        assertEquals(2, EachItsOwn.SEEN.stream().distinct().count());
        EachItsOwn.SEEN.forEach(cluster -> assertTrue(cluster.clientUris().isEmpty()));
    }

    @Test
    void outsideOfTestsThereIsNone() {
        assertThrows(
                IllegalStateException.class,
                () -> EmbeddedClusterExtension.of(1).cluster());
        assertThrows(IllegalArgumentException.class, () -> EmbeddedClusterExtension.of(10));
    }

    /** Run by the test above only: its name is none that a build looks for. */
    static final class EachItsOwn {
        static final List<EmbeddedCluster> SEEN = new ArrayList<>();

        @RegisterExtension
        final EmbeddedClusterExtension own = EmbeddedClusterExtension.of(1);

        @Test
        void first() {
            SEEN.add(own.cluster());
        }

        @Test
        void second() {
            SEEN.add(own.cluster());
        }
    }
}
