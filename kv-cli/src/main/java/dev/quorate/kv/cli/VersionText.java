package dev.quorate.kv.cli;

import picocli.CommandLine.IVersionProvider;

/** What {@code kv --version} prints: the version in the jar's manifest, and the JDK that runs it. */
final class VersionText implements IVersionProvider {

    @Override
    public String[] getVersion() {
        String version = VersionText.class.getPackage().getImplementationVersion();
        return new String[] {
            "kv " + (version == null ? "(not packaged)" : version) + ", JDK " + Runtime.version() + " in "
                    + System.getProperty("java.home")
        };
    }
}
