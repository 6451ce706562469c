package dev.quorate.examples.counter;

import dev.quorate.raft.log.rocksdb.RocksDbLogStore;
import dev.quorate.raft.model.*;
import dev.quorate.raft.runtime.*;
import dev.quorate.raft.transport.netty.NettyTransport;
import java.io.*;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Scanner;
import java.util.concurrent.CompletionException;
import java.util.concurrent.atomic.AtomicLong;

/** A number that outlives any one of its three machines. */
public final class ReplicatedCounter extends InMemoryStateMachine<Long> {
    final AtomicLong value = new AtomicLong();

    @Override
    protected Long apply(byte[] command) { // every member applies the same commands in the same order
        return value.addAndGet(ByteBuffer.wrap(command).getLong());
    }

    @Override
    protected void save(OutputStream out) throws IOException { // a snapshot: the log before it can go
        new DataOutputStream(out).writeLong(value.get());
    }

    @Override
    protected void load(InputStream in) throws IOException {
        value.set(new DataInputStream(in).readLong());
    }

    private String answer(RaftNode<Long> node, String line) {
        try {
            if (line.startsWith("add ")) {
                ByteBuffer command = ByteBuffer.allocate(8).putLong(0, Long.parseLong(line.substring(4)));
                return "value " + node.propose(command.array()).join(); // on any member
            }
            node.readIndex().join(); // from here on this member has applied what was acknowledged anywhere
            return "value " + value.get();
        } catch (CompletionException e) {
            return (RaftException.isDefinite(e) ? "not done: " : "unknown: ") + e.getMessage();
        }
    }

    public static void main(String[] args) throws IOException { // n1 n1=host:port,n2=host:port,n3=host:port directory
        NodeId self = NodeId.of(args[0]);
        Membership members = Membership.parse(args[1]);
        Path directory = Path.of(args[2]);
        ReplicatedCounter counter = new ReplicatedCounter();
        var log = RocksDbLogStore.openSingle(directory.resolve("log"));
        var transport = NettyTransport.create("counter", self, members);
        var options = RaftNode.Options.of(self, members, directory);
        try (RaftNode<Long> node = RaftNode.start(options, log, transport, counter)) {
            for (Scanner in = new Scanner(System.in, "UTF-8"); in.hasNextLine(); ) {
                System.out.println(counter.answer(node, in.nextLine()));
            }
        }
    }
}
