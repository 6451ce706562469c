package dev.quorate.raft.model;

import java.util.List;
import java.util.Objects;

/**
 * What should become of a group: steps that take effect together, through one joint membership (Raft paper §6), however many
 * they are. Adding one and removing another in the same change replaces a member.
 *
 * @param steps in order, at least one
 * @param forced true to go on although the new voters that answer now are no majority: the group may stand still then until
 *     others come back. For repairs
 */
public record MembershipChange(List<Step> steps, boolean forced) {

    /** The most steps in one change: far more than a group has members. */
    public static final int MAX_STEPS = 256;

    /** @throws IllegalArgumentException if there are no steps, or more than {@link #MAX_STEPS} */
    public MembershipChange {
        steps = List.copyOf(steps);
        if (steps.isEmpty() || steps.size() > MAX_STEPS) {
            throw new IllegalArgumentException(
                    "a membership change has " + steps.size() + " steps, and must have 1 to " + MAX_STEPS);
        }
    }

    /** A change of these steps, refused if the voters that it leaves do not answer. */
    public static MembershipChange of(Step... steps) {
        return new MembershipChange(List.of(steps), false);
    }

    /** The same change, whatever becomes of the majority. */
    public MembershipChange force() {
        return new MembershipChange(steps, true);
    }

    /** One thing to be done to one member. */
    public sealed interface Step {
        /** Whom the step is about. */
        NodeId member();
    }

    /**
     * A new voter. It receives the log as a learner first, and votes from the moment it has caught up (thesis §4.2.1); other
     * steps of the same change wait for that.
     */
    public record AddVoter(NodeId member, String address, int priority) implements Step {
        /** Checks that both are there. */
        public AddVoter {
            requireValid(member, address);
        }

        /** A voter with the usual priority, 0. */
        public AddVoter(NodeId member, String address) {
            this(member, address, 0);
        }
    }

    /** A new member that receives the log and never counts, until it is promoted. */
    public record AddLearner(NodeId member, String address) implements Step {
        /** Checks that both are there. */
        public AddLearner {
            requireValid(member, address);
        }
    }

    /** A learner that has caught up becomes a voter. */
    public record Promote(NodeId member) implements Step {}

    /** A voter becomes a learner. */
    public record Demote(NodeId member) implements Step {}

    /** A voter or learner leaves. */
    public record Remove(NodeId member) implements Step {}

    /** A member is found at another address. */
    public record SetAddress(NodeId member, String address) implements Step {
        /** Checks that both are there. */
        public SetAddress {
            requireValid(member, address);
        }
    }

    /** A member should lead rather, or rather not: see {@link Member#priority}. */
    public record SetPriority(NodeId member, int priority) implements Step {}

    private static void requireValid(NodeId member, String address) {
        Objects.requireNonNull(member, "member");
        Objects.requireNonNull(Member.at(address));
    }
}
