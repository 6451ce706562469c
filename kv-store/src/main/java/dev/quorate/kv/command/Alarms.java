package dev.quorate.kv.command;

import com.google.protobuf.InvalidProtocolBufferException;
import dev.quorate.kv.api.AlarmMember;
import dev.quorate.kv.api.AlarmRequest;
import dev.quorate.kv.api.AlarmType;
import dev.quorate.kv.api.RequestOp;
import dev.quorate.kv.api.TxnRequest;
import dev.quorate.kv.mvcc.KvError;
import dev.quorate.kv.mvcc.KvException;
import dev.quorate.kv.mvcc.Writer;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * The alarms that are raised, and what they forbid. Part of the replicated state: an alarm is raised and taken back by a
 * command, so that all members refuse the same requests. What a member finds out about itself, such as how full its own disk
 * is, decides nothing until it stands in the log.
 *
 * <p>Threads: changed by the apply thread, read by any.
 */
public final class Alarms {

    private static final String PREFIX = "alarm/";

    private final SortedMap<String, AlarmMember> rows = new TreeMap<>(); // the apply thread
    private volatile List<AlarmMember> raised = List.of();

    /** @param named the store's rows beside the keys */
    Alarms(Map<String, byte[]> named) {
        reset(named);
    }

    /** The state is another one now. */
    void reset(Map<String, byte[]> named) {
        rows.clear();
        named.forEach((name, row) -> {
            if (name.startsWith(PREFIX)) {
                rows.put(name, parse(name, row));
            }
        });
        raised = List.copyOf(rows.values());
    }

    private static AlarmMember parse(String name, byte[] row) {
        try {
            return AlarmMember.parseFrom(row);
        } catch (InvalidProtocolBufferException e) {
            throw new IllegalStateException("the row '" + name + "' is no etcdserverpb.AlarmMember", e);
        }
    }

    /** What is raised, by kind and member. */
    public List<AlarmMember> raised() {
        return raised;
    }

    /** Whether any member has raised it. */
    public boolean isRaised(AlarmType type) {
        return raised.stream().anyMatch(alarm -> alarm.getAlarm() == type);
    }

    /** Whether this member has raised it. */
    public boolean isRaised(AlarmType type, long memberId) {
        return raised.stream().anyMatch(alarm -> alarm.getAlarm() == type && alarm.getMemberID() == memberId);
    }

    /**
     * Looks whether an alarm stops a command.
     *
     * @throws KvException if one does
     */
    void requireAdmitted(Command.Kind kind, byte[] command) throws KvException {
        if (raised.isEmpty() || kind == Command.Kind.ALARM || kind == Command.Kind.MEMBER) {
            return;
        }
        requireNotCorrupt();
        if (isRaised(AlarmType.NOSPACE) && needsSpace(kind, command)) {
            throw new KvException(KvError.NO_SPACE);
        }
    }

    /** @throws KvException if members have found that they hold different data: then no answer is worth anything */
    public void requireNotCorrupt() throws KvException {
        if (!raised.isEmpty() && isRaised(AlarmType.CORRUPT)) {
            throw new KvException(KvError.CORRUPT);
        }
    }

    /** Whether a command makes the store larger for good: a deletion does not, because compaction removes it. */
    private static boolean needsSpace(Command.Kind kind, byte[] command) throws KvException {
        return switch (kind) {
            case PUT, LEASE_GRANT -> true;
            case TXN -> hasPut(parse(command));
            default -> false;
        };
    }

    private static TxnRequest parse(byte[] command) throws KvException {
        try {
            return TxnRequest.parser().parseFrom(command, Command.HEADER_BYTES, command.length - Command.HEADER_BYTES);
        } catch (InvalidProtocolBufferException e) {
            throw new KvException(KvError.MALFORMED);
        }
    }

    /** In any branch, as in etcd: which one is taken shows only when it is carried out. */
    public static boolean hasPut(TxnRequest txn) {
        return txn.getSuccessList().stream().anyMatch(Alarms::hasPut)
                || txn.getFailureList().stream().anyMatch(Alarms::hasPut);
    }

    private static boolean hasPut(RequestOp operation) {
        return operation.hasRequestPut() || (operation.hasRequestTxn() && hasPut(operation.getRequestTxn()));
    }

    /** Answers the alarms that were raised, also if they were before, or taken back. */
    List<AlarmMember> carryOut(AlarmRequest request, Writer writer) {
        List<AlarmMember> named = new ArrayList<>();
        switch (request.getAction()) {
            case ACTIVATE -> {
                if (request.getAlarm() == AlarmType.NOSPACE || request.getAlarm() == AlarmType.CORRUPT) {
                    AlarmMember alarm = AlarmMember.newBuilder()
                            .setMemberID(request.getMemberID())
                            .setAlarm(request.getAlarm())
                            .build();
                    if (rows.put(rowName(alarm), alarm) == null) {
                        writer.putNamed(rowName(alarm), alarm.toByteArray());
                    }
                    named.add(alarm);
                }
            }
            case DEACTIVATE -> {
                for (AlarmMember alarm : raised) {
                    if (isMeant(request, alarm)) {
                        rows.remove(rowName(alarm));
                        writer.removeNamed(rowName(alarm));
                        named.add(alarm);
                    }
                }
            }
            case GET, UNRECOGNIZED -> {} // changes nothing, and is not proposed
        }
        raised = List.copyOf(rows.values());
        return named;
    }

    /** Whether a request means this alarm: 0 stands for every member, and NONE for every kind. */
    public static boolean isMeant(AlarmRequest request, AlarmMember alarm) {
        return (request.getMemberID() == 0 || request.getMemberID() == alarm.getMemberID())
                && (request.getAlarm() == AlarmType.NONE || request.getAlarm() == alarm.getAlarm());
    }

    static boolean isRow(String name, AlarmType type) {
        return name.startsWith(PREFIX + type + "/");
    }

    private static String rowName(AlarmMember alarm) {
        return String.format(Locale.ROOT, "%s%s/%016x", PREFIX, alarm.getAlarm(), alarm.getMemberID());
    }
}
