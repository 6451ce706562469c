/** One run from start to verdict: servers up, clients and nemeses, healing, last reads, checks, report. */
@NullMarked
package dev.quorate.jepsen.run;

import org.jspecify.annotations.NullMarked;
