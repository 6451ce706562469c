@NullMarked
package dev.quorate.raft.session;

import org.jspecify.annotations.NullMarked;
