package dev.quorate.kv.cli;

import dev.quorate.kv.backup.BackupFile;
import dev.quorate.kv.cli.cluster.Failures;
import dev.quorate.kv.cli.output.Terminal;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

@Command(
        name = "status",
        header = "Check a backup, and say what is in it.",
        description = "Reads the whole file; exit code 3 if a single bit of it has changed.",
        footer = {"", "Example:", "  kv snapshot status backup.db -o json"})
final class SnapshotStatusCommand implements Callable<Integer> {

    @Mixin
    final OutputOptions output = new OutputOptions();

    @Mixin
    final HelpOption help = new HelpOption();

    @Parameters(paramLabel = "FILE", description = "The backup.")
    private Path file = Path.of("");

    @Override
    public Integer call() {
        BackupFile backup = BackupFiles.open(file);
        try {
            BackupFiles.verify(backup);
        } catch (IOException e) {
            throw CliException.definite(Failures.reason(e));
        }
        BackupFiles.print(file, backup, output, Terminal.standard());
        return ExitCode.OK.code();
    }
}
