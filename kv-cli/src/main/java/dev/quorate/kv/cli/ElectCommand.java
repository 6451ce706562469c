package dev.quorate.kv.cli;

import com.google.protobuf.ByteString;
import dev.quorate.kv.api.CampaignRequest;
import dev.quorate.kv.api.ElectionGrpc;
import dev.quorate.kv.api.LeaderRequest;
import dev.quorate.kv.cli.client.KvClient;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        name = "elect",
        header = "Lead an election until Ctrl-C, or show who leads it.",
        description =
                "With a VALUE: waits to be elected, prints the leader's key, and leads until it ends. Without: prints the"
                        + " value of the one who leads.",
        footer = {"", "Examples:", "  kv elect scheduler host-7", "  kv elect scheduler"})
final class ElectCommand implements Callable<Integer> {

    private static final Duration FOREVER = Duration.ofDays(3_650);

    @Mixin
    final EndpointOptions servers = new EndpointOptions();

    @Mixin
    final HelpOption help = new HelpOption();

    @Parameters(index = "0", paramLabel = "NAME", description = "What the election is called.")
    private String name = "";

    @Parameters(index = "1", arity = "0..1", paramLabel = "VALUE", description = "What to proclaim as the leader.")
    private @Nullable String value;

    @Option(
            names = "--ttl",
            paramLabel = "DURATION",
            defaultValue = "10s",
            description = "How long the leadership outlives this process, if it is killed. Default: ${DEFAULT-VALUE}.")
    private Duration ttl = Duration.ofSeconds(10);

    private final CountDownLatch lost = new CountDownLatch(1);

    @Override
    public Integer call() throws Exception {
        String proclaimed = value;
        return proclaimed == null ? show() : lead(proclaimed);
    }

    private int show() {
        try (KvClient client = servers.connect()) {
            System.out.println(client.ask(
                            ElectionGrpc.getLeaderMethod(),
                            LeaderRequest.newBuilder()
                                    .setName(ByteString.copyFromUtf8(name))
                                    .build())
                    .getKv()
                    .getValue()
                    .toStringUtf8());
            return ExitCode.OK.code();
        }
    }

    private int lead(String proclaimed) throws InterruptedException {
        try (Session session = new Session(servers.connect(), ttl, lost::countDown);
                KvClient client = servers.connect(FOREVER)) {
            Main.stopOnSignal(session::close);
            ByteString key = client.ask( // to campaign again with the same lease is the same candidacy
                            ElectionGrpc.getCampaignMethod(),
                            CampaignRequest.newBuilder()
                                    .setName(ByteString.copyFromUtf8(name))
                                    .setLease(session.lease())
                                    .setValue(ByteString.copyFromUtf8(proclaimed))
                                    .build())
                    .getLeader()
                    .getKey();
            System.out.println(key.toStringUtf8());
            System.out.flush();
            lost.await();
        }
        System.err.println("kv elect: the leadership of '" + name + "' is lost: its lease could not be renewed");
        return ExitCode.INDEFINITE.code();
    }
}
