package dev.quorate.kv.rpc;

import dev.quorate.kv.metrics.Metrics;
import dev.quorate.kv.mvcc.MvccStore;
import dev.quorate.kv.watch.WatchHub;
import dev.quorate.raft.RaftRole;

/** What a member has to say about itself in numbers, under etcd's names where etcd has one. Read when somebody asks. */
final class ServerMetrics {

    private ServerMetrics() {}

    static void add(
            Metrics metrics,
            Replicator replicator,
            MvccStore store,
            SpaceGuard space,
            WatchHub watches,
            Identity self) {
        addMember(metrics, replicator, self);
        addProposals(metrics, replicator);
        addStore(metrics, store, space);
        metrics.gauge("quorate_watchers", "Watchers of this member's clients.", watches::watchers);
        metrics.label(
                "etcd_server_version",
                "Which etcd this server behaves like.",
                "server_version",
                MaintenanceService.PROTOCOL_VERSION);
    }

    private static void addMember(Metrics metrics, Replicator replicator, Identity self) {
        metrics.gauge(
                "etcd_server_has_leader",
                "1 if this member knows a leader.",
                () -> replicator.status().leader() == null ? 0 : 1);
        metrics.gauge(
                "etcd_server_is_leader",
                "1 if this member leads.",
                () -> replicator.status().role() == RaftRole.LEADER ? 1 : 0);
        metrics.gauge(
                "etcd_server_is_learner",
                "1 if this member does not vote.",
                () -> replicator.status().membership().voters().contains(self.name()) ? 0 : 1);
        metrics.counter(
                "etcd_server_leader_changes_seen_total",
                "How often a leader was found where there was another one, or none.",
                () -> replicator.counts().leaderChanges());
        metrics.label("etcd_server_id", "This member.", "server_id", Long.toHexString(self.memberId()));
        metrics.gauge(
                "quorate_raft_term", "The term.", () -> replicator.status().term());
        metrics.gauge(
                "quorate_raft_last_index",
                "The log's last index.",
                () -> replicator.status().lastIndex());
        metrics.gauge(
                "quorate_raft_durable_index",
                "The log's last index that is on this disk.",
                () -> replicator.status().durableIndex());
        metrics.gauge(
                "quorate_raft_damaged",
                "1 if the log was damaged and is not whole yet.",
                () -> replicator.status().damaged() ? 1 : 0);
    }

    private static void addProposals(Metrics metrics, Replicator replicator) {
        metrics.counter(
                "etcd_server_proposals_committed_total",
                "The log's index of what is committed.",
                () -> replicator.status().commitIndex());
        metrics.counter(
                "etcd_server_proposals_applied_total",
                "The log's index of what is applied.",
                () -> replicator.status().appliedIndex());
        metrics.gauge(
                "etcd_server_proposals_pending",
                "Proposals of this member that are under way.",
                () -> replicator.counts().pending());
        metrics.counter(
                "etcd_server_proposals_failed_total",
                "Proposals of this member that were refused, or whose outcome is not known.",
                () -> replicator.counts().failed());
    }

    private static void addStore(Metrics metrics, MvccStore store, SpaceGuard space) {
        metrics.gauge("etcd_mvcc_db_total_size_in_bytes", "The store on disk.", store::sizeBytes);
        metrics.gauge(
                "etcd_mvcc_db_total_size_in_use_in_bytes", "Of that, about what is not superseded.", store::liveBytes);
        metrics.gauge(
                "etcd_server_quota_backend_bytes",
                "How large the store may become; 0 for as large as it likes.",
                () -> space.quotaBytes() == Long.MAX_VALUE ? 0 : space.quotaBytes());
        metrics.gauge(
                "etcd_debugging_mvcc_current_revision",
                "The store's revision.",
                () -> store.state().revision());
        metrics.gauge(
                "etcd_debugging_mvcc_compact_revision",
                "The compacted revision; -1 for none.",
                () -> store.state().compacted());
        metrics.counter(
                "etcd_mvcc_range_total",
                "Ranges that were read here.",
                () -> store.counters().ranges());
        metrics.counter(
                "etcd_mvcc_put_total",
                "Keys that were put.",
                () -> store.counters().puts());
        metrics.counter(
                "etcd_mvcc_delete_total",
                "Keys that were deleted.",
                () -> store.counters().deletes());
        metrics.counter(
                "etcd_mvcc_txn_total", "Transactions.", () -> store.counters().txns());
        metrics.gauge(
                "quorate_alarms",
                "Alarms that are raised.",
                () -> space.alarms().raised().size());
    }
}
