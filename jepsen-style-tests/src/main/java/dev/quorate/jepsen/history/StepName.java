package dev.quorate.jepsen.history;

/** How a step is called in a file. */
final class StepName {
    static final String READ = "read";
    static final String PUT = "put";
    static final String DELETE = "delete";
    static final String CAS = "cas";

    private StepName() {}

    static String of(Step step) {
        if (step instanceof Step.Read) {
            return READ;
        } else if (step instanceof Step.Put) {
            return PUT;
        } else if (step instanceof Step.Delete) {
            return DELETE;
        } else {
            return CAS;
        }
    }
}
