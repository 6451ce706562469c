package dev.quorate.kv.cli.cluster;

import java.io.File;
import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;

/** Starts server processes that outlive this one, its terminal and its session. */
final class Launcher {

    /**
     * A closed terminal (HUP) and a Ctrl-C meant for this command (INT) do not reach the server: the signals are ignored from
     * before exec on, and where setsid exists the server has a session of its own.
     */
    private static final String DETACH =
            "trap '' HUP INT; if command -v setsid >/dev/null 2>&1; then exec setsid \"$@\"; else exec \"$@\"; fi";

    private final ServerJvm jvm;
    private final LocalTls tls;

    /** @param tls of the cluster, if its clients speak it */
    Launcher(ServerJvm jvm, LocalTls tls) {
        this.jvm = jvm;
        this.tls = tls;
    }

    NodeProcess start(ClusterSettings settings, ClusterLayout.NodeAddress node, NodeDirectory directory)
            throws IOException {
        Files.createDirectories(directory.data());
        List<String> arguments = new ArrayList<>(List.of(
                "server",
                "--name",
                node.name(),
                "--client-address",
                node.client().hostPort(),
                "--peer-address",
                node.peer().hostPort(),
                "--initial-cluster",
                settings.layout().initialCluster(),
                "--cluster-token",
                settings.layout().token(),
                "--data-dir",
                directory.data().toString()));
        if (settings.layout().hasTls()) {
            arguments.addAll(tls.serverFlags());
        }
        arguments.addAll(settings.serverArguments());
        List<String> command = new ArrayList<>(List.of("/bin/sh", "-c", DETACH, "kv"));
        command.addAll(jvm.command(settings.jvmArguments(), arguments));
        Redirect log = Redirect.appendTo(directory.log().toFile());
        Process process = new ProcessBuilder(command)
                .directory(directory.root().toFile())
                .redirectInput(new File("/dev/null"))
                .redirectOutput(log)
                .redirectErrorStream(true)
                .start();
        return NodeProcess.remember(process, directory.pidFile());
    }
}
