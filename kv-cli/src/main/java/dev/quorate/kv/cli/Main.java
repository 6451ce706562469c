package dev.quorate.kv.cli;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.PrintStream;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Supplier;
import picocli.CommandLine;
import picocli.CommandLine.ParseResult;

/** Where the process begins and ends. */
public final class Main {

    private static final int OUTPUT_BUFFER_BYTES = 64 * 1024;

    private static volatile boolean exiting;

    private Main() {}

    public static void main(String[] arguments) {
        System.setOut(new PrintStream(
                new java.io.BufferedOutputStream(new FileOutputStream(FileDescriptor.out), OUTPUT_BUFFER_BYTES),
                false));
        int code = commandLine(arguments).execute(arguments);
        if (System.out.checkError() && code == ExitCode.OK.code()) {
            System.err.println("kv: standard output cannot be written");
            code = ExitCode.DEFINITE.code();
        }
        exiting = true;
        System.exit(code);
    }

    /**
     * SIGTERM and Ctrl-C end the process after {@code stop}, with exit code 0: a JVM left to itself would say 143, which a
     * supervisor takes for a failure.
     */
    static void stopOnSignal(Runnable stop) {
        Runtime.getRuntime()
                .addShutdownHook(new Thread(
                        () -> {
                            if (!exiting) {
                                stop.run();
                                System.out.flush();
                                Runtime.getRuntime().halt(ExitCode.OK.code());
                            }
                        },
                        "kv-stop"));
    }

    /** Only the subcommand that is asked for is built: building all of them costs more time than most commands take. */
    static CommandLine commandLine(String[] arguments) {
        Map<String, Supplier<Object>> commands = commands();
        Supplier<Object> asked = arguments.length == 0 ? null : commands.get(arguments[0]);
        if (asked == null) {
            return allCommands();
        }
        CommandLine line = new CommandLine(new KvCommand());
        line.addSubcommand(arguments[0], asked.get());
        return configure(line);
    }

    static CommandLine allCommands() {
        CommandLine line = new CommandLine(new KvCommand());
        commands().forEach((name, command) -> line.addSubcommand(name, command.get()));
        Map<String, String> codes = new LinkedHashMap<>();
        for (ExitCode code : ExitCode.values()) {
            codes.put(Integer.toString(code.code()), code.meaning());
        }
        line.getCommandSpec()
                .usageMessage()
                .exitCodeListHeading("Exit codes:%n")
                .exitCodeList(codes);
        return configure(line);
    }

    private static Map<String, Supplier<Object>> commands() {
        Map<String, Supplier<Object>> commands = new LinkedHashMap<>();
        commands.put("cluster", ClusterCommand::new);
        commands.put("put", PutCommand::new);
        commands.put("get", GetCommand::new);
        commands.put("del", DelCommand::new);
        commands.put("txn", TxnCommand::new);
        commands.put("server", ServerCommand::new);
        commands.put("status", StatusCommand::new);
        commands.put("members", MembersCommand::new);
        commands.put("bench", BenchCommand::new);
        commands.put("completion", CompletionCommand::new);
        commands.put("rehearse", RehearseCommand::new);
        return commands;
    }

    private static CommandLine configure(CommandLine line) {
        line.registerConverter(Duration.class, new Durations());
        line.setUsageHelpAutoWidth(true);
        line.setParameterExceptionHandler((e, arguments) -> {
            String command = e.getCommandLine().getCommandSpec().qualifiedName();
            System.err.println(command + ": " + oneLine(e) + "; try '" + command + " --help'");
            return ExitCode.USAGE.code();
        });
        line.setExecutionExceptionHandler(Main::failed);
        return line;
    }

    private static int failed(Exception e, CommandLine line, ParseResult parsed) {
        ExitCode code = ExitCode.of(e);
        if (code == ExitCode.INTERNAL) {
            System.err.println(line.getCommandSpec().qualifiedName() + ": unexpected: " + e);
            e.printStackTrace(System.err);
        } else {
            System.err.println(line.getCommandSpec().qualifiedName() + ": " + oneLine(e));
        }
        return code.code();
    }

    private static String oneLine(Exception e) {
        String message = e.getMessage();
        return message == null ? e.toString() : message.lines().findFirst().orElse("");
    }
}
