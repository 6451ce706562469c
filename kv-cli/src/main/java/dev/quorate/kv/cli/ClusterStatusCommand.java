package dev.quorate.kv.cli;

import dev.quorate.kv.cli.client.ServerStatus;
import dev.quorate.kv.cli.cluster.NodeView;
import dev.quorate.kv.cli.output.JsonWriter;
import dev.quorate.kv.cli.output.Terminal;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

@Command(
        name = "status",
        header = "Show the nodes, their processes and their roles.",
        description = {
            "role is leader, follower, learner or down; a node that runs but does not answer is down, with a pid.",
            "Exit code 0 if there is a cluster, whatever its state."
        },
        footer = {
            "",
            "Examples:",
            "  kv cluster status",
            "  kv cluster status --output json     {\"nodes\":[{\"name\":\"n1\",\"pid\":4711,\"client\":\"127.0.0.1:2379\",…}]}"
        })
final class ClusterStatusCommand implements Callable<Integer> {

    @Mixin
    private final ClusterOptions cluster = new ClusterOptions();

    @Mixin
    private final OutputOptions output = new OutputOptions();

    @Override
    public Integer call() {
        List<NodeView> nodes = cluster.manager().status();
        Terminal terminal = Terminal.standard();
        if (output.json()) {
            terminal.line(json(nodes));
        } else {
            print(terminal, nodes);
        }
        return ExitCode.OK.code();
    }

    static void print(Terminal terminal, List<NodeView> nodes) {
        terminal.table(
                List.of("NAME", "PID", "CLIENT", "PEER", "ROLE", "TERM", "COMMIT", "APPLIED"),
                nodes.stream().map(ClusterStatusCommand::row).toList());
    }

    private static List<String> row(NodeView node) {
        ServerStatus status = node.answer().status();
        return List.of(
                node.address().name(),
                node.pid() == null ? "-" : node.pid().toString(),
                node.address().client().toString(),
                node.address().peer().toString(),
                node.answer().role(),
                status == null ? "-" : Long.toString(status.term()),
                status == null ? "-" : Long.toString(status.commitIndex()),
                status == null ? "-" : Long.toString(status.appliedIndex()));
    }

    /** Others read this: the names and their meaning stay. What a node that is down cannot tell is null. */
    static String json(List<NodeView> nodes) {
        return JsonWriter.object(json -> json.arrayField("nodes", nodes, (object, node) -> {
            object.field("name", node.address().name());
            if (node.pid() == null) {
                object.nullField("pid");
            } else {
                object.field("pid", node.pid().longValue());
            }
            object.field("client", node.address().client().toString())
                    .field("peer", node.address().peer().toString())
                    .field("role", node.answer().role());
            ServerStatus status = node.answer().status();
            if (status == null) {
                object.nullField("term").nullField("commitIndex").nullField("appliedIndex");
            } else {
                object.field("term", status.term())
                        .field("commitIndex", status.commitIndex())
                        .field("appliedIndex", status.appliedIndex());
            }
        }));
    }
}
