package dev.quorate.kv.cli;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.PrintStream;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import picocli.CommandLine;
import picocli.CommandLine.ParseResult;

/** Where the process begins and ends. */
public final class Main {

    private static final int OUTPUT_BUFFER_BYTES = 64 * 1024;

    /** In the order of the help. */
    private static final List<String> NAMES = List.of(
            "cluster",
            "put",
            "get",
            "del",
            "txn",
            "status",
            "members",
            "member",
            "move-leader",
            "server",
            "watch",
            "lease",
            "lock",
            "elect",
            "compact",
            "defrag",
            "snapshot",
            "hashkv",
            "alarm",
            "auth",
            "user",
            "role",
            "bench",
            "check",
            "completion",
            "rehearse");

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
        if (arguments.length == 0 || !NAMES.contains(arguments[0])) {
            return allCommands();
        }
        CommandLine line = new CommandLine(new KvCommand());
        line.addSubcommand(arguments[0], command(arguments[0]));
        return configure(line);
    }

    static CommandLine allCommands() {
        CommandLine line = new CommandLine(new KvCommand());
        NAMES.forEach(name -> line.addSubcommand(name, command(name)));
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

    private static Object command(String name) {
        return switch (name) {
            case "cluster" -> new ClusterCommand();
            case "put" -> new PutCommand();
            case "get" -> new GetCommand();
            case "del" -> new DelCommand();
            case "txn" -> new TxnCommand();
            case "server" -> new ServerCommand();
            case "status" -> new StatusCommand();
            case "members" -> new MembersCommand();
            case "member" -> new MemberCommand();
            case "move-leader" -> new MoveLeaderCommand();
            case "watch" -> new WatchCommand();
            case "lock" -> new LockCommand();
            case "elect" -> new ElectCommand();
            case "lease" -> new LeaseCommand();
            case "compact" -> new CompactCommand();
            case "defrag" -> new DefragCommand();
            case "snapshot" -> new SnapshotCommand();
            case "hashkv" -> new HashkvCommand();
            case "alarm" -> new AlarmCommand();
            case "auth" -> new AuthCommand();
            case "user" -> new UserCommand();
            case "role" -> new RoleCommand();
            case "bench" -> new BenchCommand();
            case "check" -> new CheckCommand();
            case "completion" -> new CompletionCommand();
            case "rehearse" -> new RehearseCommand();
            default -> throw new IllegalArgumentException(name);
        };
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
        if (code == ExitCode.INTERNAL && !(e instanceof CliException)) {
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
