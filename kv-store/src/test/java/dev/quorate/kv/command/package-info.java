@NullMarked
package dev.quorate.kv.command;

import org.jspecify.annotations.NullMarked;
