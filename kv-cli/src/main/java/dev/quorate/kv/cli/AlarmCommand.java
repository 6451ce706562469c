package dev.quorate.kv.cli;

import dev.quorate.kv.api.AlarmMember;
import dev.quorate.kv.api.AlarmRequest;
import dev.quorate.kv.api.AlarmRequest.AlarmAction;
import dev.quorate.kv.api.MaintenanceGrpc;
import dev.quorate.kv.cli.client.KvClient;
import dev.quorate.kv.cli.output.JsonWriter;
import dev.quorate.kv.cli.output.Terminal;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

@Command(
        name = "alarm",
        header = "Show what members warn of, and take it back when it is mended.",
        synopsisSubcommandLabel = "COMMAND",
        subcommands = {AlarmCommand.ListAll.class, AlarmCommand.Disarm.class},
        footer = {
            "",
            "Example: a store that was full takes writes again.",
            "  kv compact 123456 --physical && kv defrag && kv alarm disarm"
        })
final class AlarmCommand {

    @Mixin
    final HelpOption help = new HelpOption();

    private static ExitCode show(List<AlarmMember> alarms, boolean asJson, Terminal terminal) {
        if (asJson) {
            terminal.line(JsonWriter.object(json -> json.arrayField(
                    "alarms",
                    alarms,
                    (object, alarm) -> object.idField("member", alarm.getMemberID())
                            .field("alarm", alarm.getAlarm().name()))));
        } else {
            alarms.forEach(alarm -> terminal.line(Long.toHexString(alarm.getMemberID()) + "\t" + alarm.getAlarm()));
        }
        return ExitCode.OK;
    }

    @Command(
            name = "list",
            header = "List the alarms that are raised; none if there is nothing to say.",
            footer = {"", "Example:", "  kv alarm list --output json"})
    static final class ListAll extends ClientCommand {
        @Override
        ExitCode run(KvClient client, Terminal terminal) {
            AlarmRequest request =
                    AlarmRequest.newBuilder().setAction(AlarmAction.GET).build();
            return show(client.ask(MaintenanceGrpc.getAlarmMethod(), request).getAlarmsList(), output.json(), terminal);
        }
    }

    @Command(
            name = "disarm",
            header = "Take all alarms back, and list them.",
            description = "A member that still sees a reason raises its alarm again.",
            footer = {"", "Example:", "  kv alarm disarm"})
    static final class Disarm extends ClientCommand {
        @Override
        ExitCode run(KvClient client, Terminal terminal) {
            AlarmRequest request =
                    AlarmRequest.newBuilder().setAction(AlarmAction.DEACTIVATE).build();
            return show(
                    client.change(MaintenanceGrpc.getAlarmMethod(), request).getAlarmsList(), output.json(), terminal);
        }
    }
}
