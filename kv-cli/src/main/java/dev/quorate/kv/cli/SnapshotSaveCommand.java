package dev.quorate.kv.cli;

import dev.quorate.kv.backup.BackupFile;
import dev.quorate.kv.cli.client.KvClient;
import dev.quorate.kv.cli.cluster.Failures;
import dev.quorate.kv.cli.output.Terminal;
import java.io.FileOutputStream;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        name = "save",
        header = "Save all data of a cluster to a file.",
        description = {
            "It has everything that was acknowledged before, with its history, leases, users and roles. The cluster goes on",
            "meanwhile. The file appears under its name when it is whole, checked and on the disk. --timeout is the longest",
            "silence of the server, not of the whole command."
        },
        footer = {
            "",
            "Examples:",
            "  kv snapshot save backup-$(date +%%F).db",
            "  kv snapshot save --consistency local --endpoints 10.0.0.2:2379 what-is-left.db   (no quorum needed)"
        })
final class SnapshotSaveCommand extends ClientCommand {

    enum Consistency {
        linearizable,
        local
    }

    @Parameters(paramLabel = "FILE", description = "Where to.")
    private Path file = Path.of("");

    @Option(
            names = "--consistency",
            paramLabel = "linearizable|local",
            defaultValue = "linearizable",
            description =
                    "local: what the asked server has, which may lag behind; it needs no other. Default: ${DEFAULT-VALUE}.")
    private Consistency consistency = Consistency.linearizable;

    @Option(names = "--overwrite", description = "Replace FILE if it is there.")
    private boolean overwrite;

    @Override
    ExitCode run(KvClient client, Terminal terminal) throws InterruptedException {
        if (Files.exists(file) && (!overwrite || Files.isDirectory(file))) {
            throw CliException.usage(file + " is there already; choose another name"
                    + (Files.isDirectory(file) ? "" : ", or say --overwrite"));
        }
        Path partial = file.resolveSibling(file.getFileName() + ".part");
        try {
            BackupFile backup;
            try {
                fetch(client, partial);
                backup = BackupFile.open(partial);
                BackupFiles.verify(backup);
                publish(partial);
            } finally {
                Files.deleteIfExists(partial);
            }
            BackupFiles.print(file, backup, output, terminal);
            return ExitCode.OK;
        } catch (IOException e) {
            throw CliException.definite("nothing was saved: " + Failures.reason(e));
        }
    }

    private void fetch(KvClient client, Path partial) throws InterruptedException, IOException {
        ProgressBar bar = new ProgressBar(System.err, Tty.STANDARD_ERROR.isTerminal());
        Files.deleteIfExists(partial);
        OwnersFile.create(partial); // passwords' hashes are in it, too
        try (FileOutputStream out = new FileOutputStream(partial.toFile())) {
            client.snapshot(consistency.name(), part -> {
                part.getBlob().writeTo(out);
                long received = out.getChannel().position();
                bar.at(received, received + part.getRemainingBytes());
            });
            out.getChannel().force(true);
        } finally {
            bar.clear();
        }
    }

    private void publish(Path partial) throws IOException {
        Files.move(partial, file, StandardCopyOption.ATOMIC_MOVE);
        try (FileChannel directory = FileChannel.open(file.resolveSibling("."), StandardOpenOption.READ)) {
            directory.force(true);
        }
    }
}
