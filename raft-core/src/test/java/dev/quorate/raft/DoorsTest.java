package dev.quorate.raft;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.library.Architectures.layeredArchitecture;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

/** The doors between the rooms of raft-core: each opens downward only. */
@AnalyzeClasses(packages = "dev.quorate.raft", importOptions = ImportOption.DoNotIncludeTests.class)
final class DoorsTest {

    @ArchTest
    static final ArchRule doorsOpenDownward = layeredArchitecture()
            .consideringOnlyDependenciesInAnyPackage("dev.quorate.raft..")
            .layer("runtime")
            .definedBy("dev.quorate.raft.runtime")
            .layer("root")
            .definedBy("dev.quorate.raft")
            .layer("parts")
            .definedBy(
                    "dev.quorate.raft.membership",
                    "dev.quorate.raft.tracker",
                    "dev.quorate.raft.log",
                    "dev.quorate.raft.quorum")
            .layer("session")
            .definedBy("dev.quorate.raft.session")
            .layer("model")
            .definedBy("dev.quorate.raft.model")
            .whereLayer("runtime")
            .mayNotBeAccessedByAnyLayer()
            .whereLayer("root")
            .mayOnlyBeAccessedByLayers("runtime")
            .whereLayer("session")
            .mayOnlyBeAccessedByLayers("runtime")
            .whereLayer("parts")
            .mayOnlyBeAccessedByLayers("root");

    @ArchTest
    static final ArchRule theRuntimeSeesTheCoreOnlyThroughItsRootAndItsModel = classes()
            .that()
            .resideInAPackage("dev.quorate.raft.runtime")
            .should()
            .onlyDependOnClassesThat()
            .resideInAnyPackage(
                    "dev.quorate.raft.runtime",
                    "dev.quorate.raft",
                    "dev.quorate.raft.model",
                    "dev.quorate.raft.session",
                    "java..",
                    "org.jspecify..");

    @ArchTest
    static final ArchRule noRoomsNeedEachOther =
            slices().matching("dev.quorate.raft.(*)..").should().beFreeOfCycles();

    @ArchTest
    static final ArchRule nothingButTheJdkIsNeeded = classes()
            .should()
            .onlyDependOnClassesThat()
            .resideInAnyPackage("dev.quorate.raft..", "java..", "org.jspecify..");
}
