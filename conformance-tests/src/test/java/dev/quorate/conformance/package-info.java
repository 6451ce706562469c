/**
 * What a client of etcd may rely on, as checks that know nothing of the server but its protocol.
 *
 * <p>Each class of checks runs against three nodes of Quorate and against three nodes of Debian's etcd 3.4: what the suite asks for is
 * what etcd does. A check of something that etcd has only since a later version says so ({@link
 * dev.quorate.conformance.Since}). And each runs against a server that lies ({@link dev.quorate.conformance.LiarTest}), where it must fail.
 *
 * <p>A class of checks looks like this; its checks use keys of their own, because the cluster is shared:
 *
 * <pre>
 *   &#64;ConformanceChecks
 *   final class PutChecksTest extends Checks {
 *       PutChecksTest(Server server) { super(server); }
 *
 *       &#64;Test
 *       void aPutAnswersThePairBefore() { … cluster().kv().put(…) … }
 *   }
 * </pre>
 */
@NullMarked
package dev.quorate.conformance;

import org.jspecify.annotations.NullMarked;
