package dev.quorate.jepsen;

import picocli.CommandLine;
import picocli.CommandLine.Command;

/** The command {@code ./chaos}. */
@Command(
        name = "chaos",
        description =
                "Starts servers, hurts them under load, and judges whether the clients saw one linearizable store.",
        mixinStandardHelpOptions = true,
        synopsisSubcommandLabel = "COMMAND",
        subcommands = {
            RunCommand.class,
            LeaderKillsCommand.class,
            CheckCommand.class,
            BenchCommand.class,
        },
        footer = {
            "",
            "Exit codes: 0 all good; 1 a violation, something undecided or lost, or a server that ended by itself;"
                    + " 2 wrong usage.",
            "",
            "Example: ./chaos run --seconds 60 --nemesis kill,pause"
        })
public final class Chaos implements Runnable {

    static final int EXIT_GOOD = 0;
    static final int EXIT_BAD = 1;

    @CommandLine.Spec
    private CommandLine.Model.CommandSpec spec = CommandLine.Model.CommandSpec.create();

    @Override
    public void run() {
        throw new CommandLine.ParameterException(
                spec.commandLine(), "name a command: run, leader-kills, check or bench");
    }

    public static void main(String[] args) {
        System.exit(new CommandLine(new Chaos())
                .setExecutionExceptionHandler((failure, command, parsed) -> {
                    command.getErr().println("chaos: " + failure.getMessage());
                    failure.printStackTrace(command.getErr());
                    return EXIT_BAD;
                })
                .execute(args));
    }
}
