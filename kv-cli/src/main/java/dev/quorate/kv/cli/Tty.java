package dev.quorate.kv.cli;

/**
 * Which standard streams are a terminal. The script {@code kv} finds out, as the JDK cannot tell for one stream alone, and
 * passes {@code -Dkv.tty=012} with the numbers of those that are.
 */
enum Tty {
    STANDARD_INPUT('0'),
    STANDARD_OUTPUT('1'),
    STANDARD_ERROR('2');

    private final char number;

    Tty(char number) {
        this.number = number;
    }

    boolean isTerminal() {
        return System.getProperty("kv.tty", "").indexOf(number) >= 0;
    }
}
