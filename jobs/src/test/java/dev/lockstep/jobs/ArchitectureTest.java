package dev.lockstep.jobs;

import static com.tngtech.archunit.base.DescribedPredicate.describe;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaCall;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.importer.ImportOption.DoNotIncludeTests;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.library.dependencies.SliceAssignment;
import com.tngtech.archunit.library.dependencies.SliceIdentifier;
import java.io.ObjectInputStream;
import java.io.Serializable;
import java.util.Collections;
import java.util.Locale;
import java.util.Set;
import java.util.UUID;

/** The walls of docs/how-it-works.md: jobs → driver → worker-lib, and what may not be used anywhere. */
@AnalyzeClasses(packages = "dev.lockstep", importOptions = DoNotIncludeTests.class)
final class ArchitectureTest {
    private static final String WORKER = "dev.lockstep.worker..";
    private static final String DRIVER = "dev.lockstep.driver..";
    private static final String JOBS = "dev.lockstep.jobs..";
    private static final String BENCH = "dev.lockstep.bench..";
    private static final String DL4J_DOOR = "dev.lockstep.driver.dl4j..";
    private static final String ML_DOOR = "dev.lockstep.ml..";
    private static final String SETTINGS = "dev.lockstep.worker.settings..";
    private static final String NATIVES = "dev.lockstep.worker.natives..";
    private static final String FEED = "dev.lockstep.worker.feed..";
    private static final String SOURCE = "dev.lockstep.worker.source..";
    private static final String TABLE = "dev.lockstep.worker.table..";
    /** An RDD of its own: Spark has none whose tasks stream several partitions of a shuffle behind a barrier. */
    private static final String STREAM = "dev\\.lockstep\\.worker\\.feed\\.ArrangedExamples.*";

    private static final String PICTURE = "dev.lockstep.worker.picture..";
    private static final String DL4J_WING = "dev.lockstep.worker.dl4j..";

    /** Each package by itself; but what a network is made of is one room, and the network that is made of it, too. */
    private static final SliceAssignment ROOMS = new SliceAssignment() {
        @Override
        public SliceIdentifier getIdentifierOf(JavaClass type) {
            String room = type.getPackageName();
            return SliceIdentifier.of(
                    room.startsWith("dev.lockstep.worker.model.") ? "dev.lockstep.worker.model" : room);
        }

        @Override
        public String getDescription() {
            return "packages";
        }
    };

    // Between modules: arrows go one way.

    @ArchTest
    static final ArchRule workerStandsOnNoOtherModule = noClasses()
            .that()
            .resideInAPackage(WORKER)
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage(DRIVER, JOBS, BENCH);

    @ArchTest
    static final ArchRule driverStandsOnTheWorkerAlone = noClasses()
            .that()
            .resideInAPackage(DRIVER)
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage(JOBS, BENCH);

    /** The module dl4j-spark; its package is that of the class which programs name. */
    @ArchTest
    static final ArchRule nobodyStandsOnTheDoorForDl4jsPrograms = noClasses()
            .that()
            .resideOutsideOfPackage(DL4J_DOOR)
            .should()
            .dependOnClassesThat()
            .resideInAPackage(DL4J_DOOR);

    /** Spark.ml's door, in the module driver; its package is that of the classes which programs name. */
    @ArchTest
    static final ArchRule nobodyStandsOnTheDoorForPipelines = noClasses()
            .that()
            .resideOutsideOfPackage(ML_DOOR)
            .should()
            .dependOnClassesThat()
            .resideInAPackage(ML_DOOR);

    @ArchTest
    static final ArchRule everyClassIsInOneOfTheModules =
            classes().should().resideInAnyPackage(WORKER, DRIVER, ML_DOOR, JOBS);

    @ArchTest
    static final ArchRule packagesAreFreeOfCycles =
            slices().assignedFrom(ROOMS).should().beFreeOfCycles();

    // What runs inside a task knows nothing of the driver's side of Spark, and most of it nothing of Spark.

    @ArchTest
    static final ArchRule onlyTheExchangeOfTheWorkerTouchesSpark = noClasses()
            .that()
            .resideInAPackage(WORKER)
            .and()
            .resideOutsideOfPackages("dev.lockstep.worker.exchange..", SETTINGS, FEED, SOURCE, TABLE)
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("org.apache.spark..", "scala..");

    /** Of Spark no more than what carries something into a task: all examples, and where Hadoop's files are. */
    @ArchTest
    static final ArchRule examplesOfTheWorkerAreCarriedBySpark = noClasses()
            .that()
            .resideInAnyPackage(FEED, SOURCE)
            .and()
            .haveNameNotMatching(STREAM)
            .should()
            .dependOnClassesThat(resideInAnyPackage("org.apache.spark..", "scala..")
                    .and(describe("are neither a Broadcast nor Hadoop's configuration", type -> !Set.of(
                                    "Broadcast", "SerializableConfiguration")
                            .contains(type.getSimpleName()))));

    /** And of its SQL no more than rows, what maps them, and what tasks look up and count for that. */
    @ArchTest
    static final ArchRule tablesOfTheWorkerAreRows = noClasses()
            .that()
            .resideInAPackage(TABLE)
            .should()
            .dependOnClassesThat(resideInAnyPackage("org.apache.spark..", "scala..")
                    .and(describe("are neither rows, vectors nor functions of them", type -> !Set.of(
                                    "Row",
                                    "RowFactory",
                                    "Vector",
                                    "Vectors",
                                    "UDF1",
                                    "MapPartitionsFunction",
                                    "Function2",
                                    "Broadcast",
                                    "LongAccumulator",
                                    "CollectionAccumulator")
                            .contains(type.getSimpleName()))));

    @ArchTest
    static final ArchRule workerHasNoDriverSideSpark = noClasses()
            .that()
            .resideInAPackage(WORKER)
            .and()
            .haveNameNotMatching(STREAM)
            .should()
            .dependOnClassesThat(describe(
                    "are SparkContext, SparkSession or an RDD",
                    type -> Set.of("SparkContext", "JavaSparkContext", "SparkSession", "SQLContext")
                                    .contains(type.getSimpleName())
                            || type.getPackageName().startsWith("org.apache.spark.rdd")
                            || type.getSimpleName().endsWith("RDD")));

    @ArchTest
    static final ArchRule filesAndReportsKnowNoSpark = noClasses()
            .that()
            .resideInAnyPackage(
                    "dev.lockstep.driver.report..",
                    "dev.lockstep.driver.checkpoint..",
                    "dev.lockstep.driver.ensemble..",
                    "dev.lockstep.driver.state..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("org.apache.spark..", "scala..");

    /**
     * The driver launches: what it sends to tasks is the worker's, but for the function that enters it, a lambda and so no
     * class. Enums and exceptions are serializable by birth.
     */
    @ArchTest
    static final ArchRule nothingOfTheDriversIsSentToTasks = noClasses()
            .that()
            .resideInAPackage(DRIVER)
            .and()
            .resideOutsideOfPackage(DL4J_DOOR) // a module of its own, whose tasks read DL4J's classes
            .and()
            .areNotEnums()
            .and()
            .areNotAssignableTo(Throwable.class)
            .should()
            .beAssignableTo(Serializable.class);

    // The ground floors.

    @ArchTest
    static final ArchRule seedStandsOnNothing = standsOn("dev.lockstep.worker.seed..");

    @ArchTest
    static final ArchRule augmentStandsOnTheSeed =
            standsOn("dev.lockstep.worker.augment..", "dev.lockstep.worker.seed..");

    @ArchTest
    static final ArchRule reduceStandsOnTallies =
            standsOn("dev.lockstep.worker.reduce..", "dev.lockstep.worker.tally..");

    @ArchTest
    static final ArchRule talliesStandOnNothing = standsOn("dev.lockstep.worker.tally..");

    @ArchTest
    static final ArchRule failureStandsOnNothing = standsOn("dev.lockstep.worker.failure..");

    @ArchTest
    static final ArchRule stateStandsOnArrays = standsOn("dev.lockstep.driver.state..", "dev.lockstep.worker.reduce..");

    /** Which example is where: a pure function, without Spark, of what the worker's ground floors offer. */
    @ArchTest
    static final ArchRule planStandsOnTheSeedLaw = standsOn(
            "dev.lockstep.worker.plan..",
            "dev.lockstep.worker.seed..",
            "dev.lockstep.worker.reduce..",
            "dev.lockstep.worker.step..");

    /** What was asked for: values and their parser, without Spark and without DL4J. */
    @ArchTest
    static final ArchRule configIsValues = standsOn(
            "dev.lockstep.driver.config..",
            "dev.lockstep.worker.plan..",
            "dev.lockstep.worker.augment..",
            "dev.lockstep.worker.model..",
            "dev.lockstep.worker.failure..",
            SOURCE, // the rule of made-up examples
            PICTURE,
            "dev.lockstep.worker.text..", // what a token is
            "dev.lockstep.worker.rl..", // which environment
            "com.typesafe.config..");

    // One place for each library.

    /** Networks are computed by DL4J behind one seam, {@code model.TrainableModel}. */
    @ArchTest
    static final ArchRule dl4jIsInItsWing = noClasses()
            .that()
            .resideOutsideOfPackages(DL4J_WING, DL4J_DOOR)
            .should()
            .dependOnClassesThat()
            .resideInAPackage("org.deeplearning4j..");

    @ArchTest
    static final ArchRule nd4jIsInTheSameWing = noClasses()
            .that()
            .resideOutsideOfPackages(DL4J_WING, DL4J_DOOR, NATIVES)
            .should()
            .dependOnClassesThat()
            .resideInAPackage("org.nd4j..");

    @ArchTest
    static final ArchRule nativeMemoryIsForWhoComputes = noClasses()
            .that()
            .resideOutsideOfPackages(DL4J_WING, "dev.lockstep.worker.math..", NATIVES)
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("org.bytedeco..", "com.sun.jna..");

    @ArchTest
    static final ArchRule mathKnowsNoFramework =
            standsOn("dev.lockstep.worker.math..", SETTINGS, "org.bytedeco.javacpp..", "org.bytedeco.openblas..");

    /** JSON is what files are of: who writes and reads them is given records. */
    @ArchTest
    static final ArchRule onlyFilesAreJson = noClasses()
            .that()
            .resideOutsideOfPackages(
                    "dev.lockstep.driver.run..",
                    "dev.lockstep.driver.checkpoint..",
                    "dev.lockstep.driver.keras..",
                    DL4J_DOOR) // DL4J asks for its annotations
            .should()
            .dependOnClassesThat()
            .resideInAPackage("com.fasterxml.jackson..");

    @ArchTest
    static final ArchRule onlyModelsOfKerasAreHdf5 = noClasses()
            .that()
            .resideOutsideOfPackage("dev.lockstep.driver.keras..")
            .should()
            .dependOnClassesThat()
            .resideInAPackage("io.jhdf..");

    /** Pictures are the same everywhere because they are decoded by integers of ours: a JDK's own link what they find. */
    @ArchTest
    static final ArchRule picturesAreDecodedByUs = noClasses()
            .that()
            .resideInAPackage(PICTURE)
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("java.awt..", "javax.imageio..");

    @ArchTest
    static final ArchRule picturesAreShapesOfBytes =
            standsOn(PICTURE, "dev.lockstep.worker.failure..", "dev.lockstep.worker.model..");

    /** HOCON is read by the parser and recorded with the run; everyone else is given values. */
    @ArchTest
    static final ArchRule onlyConfigurationsAreHocon = noClasses()
            .that()
            .resideOutsideOfPackages("dev.lockstep.driver.config..", "dev.lockstep.driver.run..", JOBS)
            .should()
            .dependOnClassesThat()
            .resideInAPackage("com.typesafe.config..");

    @ArchTest
    static final ArchRule onlyJobsHaveACommandLine = noClasses()
            .that()
            .resideOutsideOfPackage(JOBS)
            .should()
            .dependOnClassesThat()
            .resideInAPackage("picocli..");

    @ArchTest
    static final ArchRule onlyJobsEndTheProcess = noClasses()
            .that()
            .resideOutsideOfPackage(JOBS)
            .should()
            .callMethodWhere(calls(System.class, "exit"))
            .orShould()
            .callMethodWhere(calls(Runtime.class, "halt"))
            .orShould()
            .callMethodWhere(calls(Runtime.class, "exit"));

    // Randomness comes from the seed law alone.

    @ArchTest
    static final ArchRule noRandomnessButTheSeedLaws = noClasses()
            .that()
            .doNotHaveFullyQualifiedName("dev.lockstep.worker.exchange.Secret") // keeps strangers out; trains nothing
            .should()
            .dependOnClassesThat()
            .haveFullyQualifiedName("java.util.Random")
            .orShould()
            .dependOnClassesThat()
            .haveFullyQualifiedName("java.util.SplittableRandom")
            .orShould()
            .dependOnClassesThat()
            .haveFullyQualifiedName("java.util.concurrent.ThreadLocalRandom")
            .orShould()
            .dependOnClassesThat()
            .haveFullyQualifiedName("java.security.SecureRandom")
            .orShould()
            .dependOnClassesThat()
            .resideInAPackage("java.util.random..")
            .orShould()
            .callMethodWhere(calls(Math.class, "random"))
            .orShould()
            .callMethodWhere(calls(Collections.class, "shuffle"));

    /** ND4J's generator is seeded in one place, before the one use that draws from it. */
    @ArchTest
    static final ArchRule onlyTheModelSeedsDropout = noClasses()
            .that()
            .resideOutsideOfPackage("dev.lockstep.worker.dl4j..")
            .should()
            .callMethodWhere(describe(
                    "draws from ND4J's generator",
                    call -> call.getTargetOwner().getFullName().equals("org.nd4j.linalg.factory.Nd4j")
                            && call.getName().toLowerCase(Locale.ROOT).contains("rand")))
            .orShould()
            .dependOnClassesThat()
            .resideInAPackage("org.nd4j.linalg.api.rng..");

    /** What is computed must not know the time, nor which run it is. */
    @ArchTest
    static final ArchRule noClockAndNoNameWhereNumbersAreMade = noClasses()
            .that()
            .resideInAnyPackage(WORKER, "dev.lockstep.driver.feed..", "dev.lockstep.driver.state..")
            .and()
            .resideOutsideOfPackages("dev.lockstep.worker.exchange..", SETTINGS) // deadlines
            .and()
            .doNotHaveFullyQualifiedName("dev.lockstep.worker.loop.Stopwatch") // for people to be told
            .should()
            .callMethodWhere(calls(System.class, "currentTimeMillis"))
            .orShould()
            .callMethodWhere(calls(System.class, "nanoTime"))
            .orShould()
            .callMethodWhere(calls(UUID.class, "randomUUID"))
            .orShould()
            .dependOnClassesThat()
            .resideInAPackage("java.time..");

    /** Properties and variables of ours are read in one room; the whole environment is a configuration's. */
    @ArchTest
    static final ArchRule settingsAreReadInOneRoom = noClasses()
            .that()
            .resideOutsideOfPackage(SETTINGS)
            .should()
            .callMethod(System.class, "getenv", String.class)
            .orShould()
            .callMethodWhere(calls(Boolean.class, "getBoolean"))
            .orShould()
            .callMethodWhere(calls(Integer.class, "getInteger"))
            .orShould()
            .callMethodWhere(calls(Long.class, "getLong"));

    // And never:

    @ArchTest
    static final ArchRule nothingIsDeserialisedByJava =
            noClasses().should().dependOnClassesThat().areAssignableTo(ObjectInputStream.class);

    @ArchTest
    static final ArchRule namesSayWhatAClassDoes =
            noClasses().should().haveNameMatching(".*\\.[^.]*(Util|Helper|Manager)[^.]*");

    private static ArchRule standsOn(String room, String... floors) {
        return classes()
                .that()
                .resideInAPackage(room)
                .should()
                .onlyDependOnClassesThat(resideInAnyPackage(room)
                        .or(resideInAnyPackage("java.."))
                        .or(resideInAnyPackage(floors))
                        .or(describe("primitive", JavaClass::isPrimitive))
                        .or(describe("array of primitives", type -> type.getBaseComponentType()
                                .isPrimitive())));
    }

    private static DescribedPredicate<JavaCall<?>> calls(Class<?> owner, String method) {
        return describe(
                owner.getSimpleName() + "." + method,
                call -> call.getTargetOwner().isEquivalentTo(owner)
                        && call.getName().equals(method));
    }
}
