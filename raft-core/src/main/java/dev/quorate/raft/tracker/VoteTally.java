package dev.quorate.raft.tracker;

import dev.quorate.raft.model.NodeId;
import dev.quorate.raft.quorum.JointConfig;
import dev.quorate.raft.quorum.VoteResult;
import java.util.Map;
import java.util.TreeMap;

/** The votes of one election. The first answer of a member counts; a repeated message changes nothing. */
public final class VoteTally {

    private final Map<NodeId, Boolean> votes = new TreeMap<>();

    public void record(NodeId voter, boolean granted) {
        votes.putIfAbsent(voter, granted);
    }

    public VoteResult result(JointConfig quorum) {
        return quorum.voteResult(votes::get);
    }
}
