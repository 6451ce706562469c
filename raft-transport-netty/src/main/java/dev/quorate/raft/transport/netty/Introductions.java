package dev.quorate.raft.transport.netty;

import dev.quorate.raft.model.NodeId;

/** Which disk is whose, as far as this member knows. Any thread. */
interface Introductions {

    /** Which disk this member has; 0 if that is not known. */
    long own();

    /** Which disk a peer has; 0 if that is not known. */
    long of(NodeId peer);

    /** What to do about a node that bears a member's name and has not its disk. */
    static String forgetful(NodeId member) {
        return member
                + " lost the data directory that the group knows it by, and with it its votes and acknowledgements;"
                + " remove it from the group, and add it again with an empty data directory";
    }
}
