package dev.quorate.kv.cli;

import dev.quorate.kv.cli.output.Terminal;
import java.util.concurrent.Callable;
import picocli.AutoComplete;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

@Command(
        name = "completion",
        header = "Print a completion script for your shell.",
        description = "The script works in bash and, after 'autoload -U bashcompinit; bashcompinit', in zsh.",
        footer = {"", "Example:", "  source <(kv completion bash)"})
final class CompletionCommand implements Callable<Integer> {

    enum Shell {
        bash,
        zsh
    }

    @Parameters(
            index = "0",
            arity = "0..1",
            paramLabel = "bash|zsh",
            defaultValue = "bash",
            description = "Default: bash.")
    private Shell shell = Shell.bash;

    @Mixin
    final HelpOption help = new HelpOption();

    @Override
    public Integer call() {
        Terminal terminal = Terminal.standard();
        if (shell == Shell.zsh) {
            terminal.line("autoload -U +X bashcompinit && bashcompinit");
        }
        terminal.line(AutoComplete.bash("kv", Main.allCommands()));
        return ExitCode.OK.code();
    }
}
