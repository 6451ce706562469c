/**
 * Who may do what: users with passwords or certificates, roles with permissions on ranges of keys, at etcd's semantics.
 *
 * <pre>
 *   token or certificate ──▶ Caller(user, auth revision) ──▶ AuthState: may he?   before anything is proposed or read
 *                                                 │
 *                                                 └─ travels with the command; at apply the auth revision must still be his
 * </pre>
 *
 * <p>{@link dev.quorate.kv.auth.AuthState} is a value that every member computes from the log; a permission is a function of the
 * user and of that value. So a command that carries the auth revision under which it was allowed needs no second look at its
 * keys when it is applied: either nothing about permissions has changed since, or it is refused, on every member.
 */
@NullMarked
package dev.quorate.kv.auth;

import org.jspecify.annotations.NullMarked;
