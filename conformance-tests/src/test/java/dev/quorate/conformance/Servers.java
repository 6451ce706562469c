package dev.quorate.conformance;

import java.util.stream.Stream;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.ArgumentsProvider;
import org.junit.jupiter.params.support.ParameterDeclarations;

/** Against whom the checks run: the two real ones, unless the run asks for the liar. */
final class Servers implements ArgumentsProvider {

    static final String LIAR = "conformance.liar";

    @Override
    public Stream<Arguments> provideArguments(ParameterDeclarations parameters, ExtensionContext context) {
        boolean isLiar =
                context.getConfigurationParameter(LIAR, Boolean::valueOf).orElse(false);
        return (isLiar ? Stream.of(Server.LIAR) : Stream.of(Server.QUORATE, Server.ETCD)).map(Arguments::of);
    }
}
