package dev.quorate.kv.cli.cluster;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quorate.kv.cli.CliException;
import dev.quorate.kv.cli.client.Endpoint;
import java.util.List;
import java.util.Properties;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ClusterLayoutTest {

    @Test
    void theDefaultPortsAreThoseOfTheReadme() {
        ClusterLayout layout = ClusterLayout.defaults();

        assertEquals(List.of("n1", "n2", "n3"), names(layout));
        assertEquals(List.of(2379, 22379, 32379), clientPorts(layout));
        assertEquals(List.of(2380, 22380, 32380), peerPorts(layout));
    }

    @Test
    void fiveNodesGoOnInTheSameSteps() {
        ClusterLayout layout = ClusterLayout.plan("t", 5, null);

        assertEquals(List.of(2379, 22379, 32379, 42379, 52379), clientPorts(layout));
    }

    @Test
    void aBasePortGivesPairsTenApart() {
        ClusterLayout layout = ClusterLayout.plan("t", 3, 4000);

        assertEquals(List.of(4000, 4010, 4020), clientPorts(layout));
        assertEquals(List.of(4001, 4011, 4021), peerPorts(layout));
        assertEquals("n1=127.0.0.1:4001,n2=127.0.0.1:4011,n3=127.0.0.1:4021", layout.initialCluster());
    }

    @ParameterizedTest
    @ValueSource(ints = {-1, 0, 2, 4, 8, 9})
    void aNumberOfNodesThatMakesNoSenseIsRefused(int nodes) {
        CliException e = assertThrows(CliException.class, () -> ClusterLayout.plan("t", nodes, 4000));

        assertTrue(String.valueOf(e.getMessage()).contains("--nodes " + nodes), e.getMessage());
    }

    @Test
    void portsEndAt65535() {
        assertEquals(65_534, clientPorts(ClusterLayout.plan("t", 1, 65_534)).get(0));
        assertThrows(CliException.class, () -> ClusterLayout.plan("t", 1, 65_535));
        assertThrows(CliException.class, () -> ClusterLayout.plan("t", 3, 65_520));
        assertThrows(CliException.class, () -> ClusterLayout.plan("t", 7, null));
        assertThrows(CliException.class, () -> ClusterLayout.plan("t", 3, 0));
    }

    @Test
    void aLayoutIsReadBackAsItWasWritten() {
        ClusterLayout layout = ClusterLayout.plan("token-1", 5, 7000);
        Properties properties = new Properties();

        layout.writeTo(properties);

        assertEquals(layout, ClusterLayout.readFrom(properties));
    }

    @Test
    void anUnknownNodeIsNamedTogetherWithTheKnownOnes() {
        CliException e =
                assertThrows(CliException.class, () -> ClusterLayout.defaults().node("n4"));

        assertEquals("no node is called 'n4'; this cluster has n1, n2, n3", e.getMessage());
    }

    private static List<String> names(ClusterLayout layout) {
        return layout.nodes().stream().map(ClusterLayout.NodeAddress::name).toList();
    }

    private static List<Integer> clientPorts(ClusterLayout layout) {
        return layout.clientEndpoints().stream().map(Endpoint::port).toList();
    }

    private static List<Integer> peerPorts(ClusterLayout layout) {
        return layout.nodes().stream().map(node -> node.peer().port()).toList();
    }
}
