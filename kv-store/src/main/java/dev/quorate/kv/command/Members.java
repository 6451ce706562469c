package dev.quorate.kv.command;

import com.google.protobuf.InvalidProtocolBufferException;
import dev.quorate.kv.api.Member;
import dev.quorate.kv.mvcc.MvccStore;
import dev.quorate.kv.mvcc.StorageException;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/** How the members want to be found by clients; each publishes its own row through the log. */
public final class Members {

    private static final String PREFIX = "member/";

    private Members() {}

    static boolean isRow(String name) {
        return name.startsWith(PREFIX);
    }

    static String rowName(Member member) {
        return PREFIX + member.getName();
    }

    /** What was published and applied here so far, by the members' names. */
    public static SortedMap<String, Member> published(MvccStore store) {
        SortedMap<String, Member> members = new TreeMap<>();
        for (Map.Entry<String, byte[]> row : store.named().entrySet()) {
            if (row.getKey().startsWith(PREFIX)) {
                members.put(row.getKey().substring(PREFIX.length()), parse(row));
            }
        }
        return members;
    }

    /** What was published and applied here so far, by the members' numbers. */
    public static Map<Long, Member> publishedById(MvccStore store) {
        Map<Long, Member> members = new TreeMap<>();
        published(store).values().forEach(member -> members.put(member.getID(), member));
        return members;
    }

    private static Member parse(Map.Entry<String, byte[]> row) {
        try {
            return Member.parseFrom(row.getValue());
        } catch (InvalidProtocolBufferException e) {
            throw new StorageException("the row '" + row.getKey() + "' is no etcdserverpb.Member", e);
        }
    }
}
