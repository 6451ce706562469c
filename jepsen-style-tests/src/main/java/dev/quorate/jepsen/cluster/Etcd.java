package dev.quorate.jepsen.cluster;

import java.nio.file.Path;
import java.util.List;
import java.util.OptionalLong;
import java.util.stream.Collectors;

/** Debian's {@code etcd-server}, from the PATH. */
public final class Etcd implements SystemUnderTest {

    private final OptionalLong snapshotEveryEntries;

    public Etcd(OptionalLong snapshotEveryEntries) {
        this.snapshotEveryEntries = snapshotEveryEntries;
    }

    @Override
    public String name() {
        return "etcd";
    }

    @Override
    public List<String> command(NodeAddress self, List<NodeAddress> members, Path dataDirectory) {
        return List.of(
                "etcd",
                "--name=" + self.name(),
                "--data-dir=" + dataDirectory,
                "--listen-client-urls=http://" + self.client(),
                "--advertise-client-urls=http://" + self.client(),
                "--listen-peer-urls=http://" + self.peer(),
                "--initial-advertise-peer-urls=http://" + self.peer(),
                "--initial-cluster-state=new",
                "--initial-cluster="
                        + members.stream()
                                .map(member -> member.name() + "=http://" + member.peer())
                                .collect(Collectors.joining(",")),
                "--snapshot-count=" + snapshotEveryEntries.orElse(100_000),
                "--logger=zap",
                "--log-level=warn");
    }
}
