package dev.quorate.kv.cli;

import dev.quorate.kv.cli.client.KvClient;
import dev.quorate.kv.cli.output.Terminal;
import java.util.concurrent.Callable;
import picocli.CommandLine.Mixin;

/** What every command that asks a cluster has in common. */
abstract class ClientCommand implements Callable<Integer> {

    @Mixin
    final EndpointOptions servers = new EndpointOptions();

    @Mixin
    final OutputOptions output = new OutputOptions();

    @Mixin
    final HelpOption help = new HelpOption();

    @Override
    public final Integer call() throws Exception {
        try (KvClient client = servers.connect()) {
            return run(client, Terminal.standard()).code();
        }
    }

    abstract ExitCode run(KvClient client, Terminal terminal) throws Exception;
}
