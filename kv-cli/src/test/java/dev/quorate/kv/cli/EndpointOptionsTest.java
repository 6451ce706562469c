package dev.quorate.kv.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.quorate.kv.cli.client.Endpoint;
import dev.quorate.kv.cli.cluster.ClusterDirectory;
import dev.quorate.kv.cli.cluster.ClusterLayout;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EndpointOptionsTest {

    @TempDir
    Path temporary = Path.of("");

    @Test
    void withoutAnythingItIsTheDefaultPorts() {
        assertEquals(
                ClusterLayout.defaults().clientEndpoints(),
                EndpointOptions.resolve(null, null, new ClusterDirectory(temporary), false));
        assertEquals(
                ClusterLayout.defaults().clientEndpoints(),
                EndpointOptions.resolve(null, " ", new ClusterDirectory(temporary.resolve("missing")), false));
    }

    @Test
    void aClusterOfThisMachineIsFoundThroughItsDirectory() throws IOException {
        Files.writeString(temporary.resolve("cluster.properties"), """
                token=t
                nodes=n1
                n1.client=127.0.0.1:4000
                n1.peer=127.0.0.1:4001
                """);

        assertEquals(
                List.of(new Endpoint("127.0.0.1", 4000)),
                EndpointOptions.resolve(null, null, new ClusterDirectory(temporary), false));
    }

    @Test
    void theEnvironmentWinsOverTheDirectoryAndAFlagOverBoth() {
        ClusterDirectory directory = new ClusterDirectory(temporary);

        assertEquals(List.of(new Endpoint("e", 1)), EndpointOptions.resolve(null, "e:1", directory, false));
        assertEquals(List.of(new Endpoint("f", 2)), EndpointOptions.resolve("f:2", "e:1", directory, false));
    }
}
