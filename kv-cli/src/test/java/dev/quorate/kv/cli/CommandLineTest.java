package dev.quorate.kv.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.AutoComplete;
import picocli.CommandLine;

class CommandLineTest {

    @Test
    void everyCommandsHelpHasAnExample() {
        for (CommandLine command : all(Main.allCommands())) {
            String help = command.getUsageMessage();

            assertTrue(help.contains("Example"), command.getCommandSpec().qualifiedName());
            assertTrue(help.contains("--help"), command.getCommandSpec().qualifiedName());
        }
    }

    /** picocli takes descriptions for formats, and warns on standard error of a percent sign that is none. */
    @Test
    void noCommandsHelpMakesTheParserWarn() {
        PrintStream err = System.err;
        ByteArrayOutputStream said = new ByteArrayOutputStream();
        System.setErr(new PrintStream(said, true, StandardCharsets.UTF_8));
        try {
            all(Main.allCommands()).forEach(CommandLine::getUsageMessage);
        } finally {
            System.setErr(err);
        }

        assertEquals("", said.toString(StandardCharsets.UTF_8));
    }

    @Test
    void theTopHelpListsTheExitCodes() {
        String help = Main.allCommands().getUsageMessage();

        for (ExitCode code : ExitCode.values()) {
            assertTrue(help.contains(code.code() + "   " + code.meaning()), code.name());
        }
    }

    @Test
    void completionKnowsEveryCommand() {
        String script = AutoComplete.bash("kv", Main.allCommands());

        for (CommandLine command : all(Main.allCommands())) {
            boolean hidden = command.getCommandSpec().usageMessage().hidden();
            assertEquals(!hidden, script.contains(command.getCommandName()), command.getCommandName());
        }
    }

    @Test
    void onlyTheCommandThatIsAskedForIsBuilt() {
        assertEquals(
                List.of("get"),
                List.copyOf(Main.commandLine(new String[] {"get", "k"})
                        .getSubcommands()
                        .keySet()));
        assertTrue(Main.commandLine(new String[] {"--help"}).getSubcommands().size() > 5);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "nonsense",
                "get",
                "get --limit many k",
                "get --no-such-option k",
                "get --consistency strong k",
                "get --consistency bounded k",
                "get --consistency lease --max-staleness 1s k",
                "get --serializable --consistency lease k",
                "get --serializable --max-staleness 1s k",
                "bench get --consistency strong",
                "bench get --consistency bounded",
                "cluster start --max-clock-drift fast",
                "put k",
                "cluster",
                "cluster explode",
                "cluster kill",
                "bench put --clients 0",
                "bench mixed --reads 100",
                "status --timeout 5",
                "server --name n1"
            })
    void aWrongCommandLineIsAUsageError(String line) {
        String[] arguments = line.split(" ", -1);

        assertEquals(ExitCode.USAGE.code(), Main.commandLine(arguments).execute(arguments));
    }

    @ParameterizedTest
    @ValueSource(strings = {"--help", "get --help", "cluster start --help", "bench put --help", "--version"})
    void helpIsNoFailure(String line) {
        String[] arguments = line.split(" ", -1);
        StringWriter out = new StringWriter();
        CommandLine commandLine = Main.commandLine(arguments).setOut(new PrintWriter(out));

        assertEquals(ExitCode.OK.code(), commandLine.execute(arguments));
        assertFalse(out.toString().isBlank());
    }

    private static List<CommandLine> all(CommandLine top) {
        List<CommandLine> commands = new ArrayList<>();
        for (CommandLine command : top.getSubcommands().values()) {
            commands.add(command);
            commands.addAll(all(command));
        }
        return commands;
    }
}
