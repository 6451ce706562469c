@NullMarked
package dev.quorate.kv.auth;

import org.jspecify.annotations.NullMarked;
