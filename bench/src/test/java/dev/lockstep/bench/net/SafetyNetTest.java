package dev.lockstep.bench.net;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lockstep.driver.spark.KeptSpark;
import dev.lockstep.jobs.course.Course;
import dev.lockstep.jobs.course.Exercise;
import dev.lockstep.worker.dl4j.layer.FastLayers;
import dev.lockstep.worker.natives.Natives;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Some of the safety net: the bits of the table, on a processor that it knows, and the same bits on every shape. */
class SafetyNetTest {
    private static final Case.Shape GANG = new Case.Shape("local[2]", null);
    private static final Case.Shape ALONE = new Case.Shape("local[1]", "local");

    @TempDir
    private static Path folder;

    private static SafetyNet net;
    private static Table table;
    private static String processor;

    @BeforeAll
    static void open() throws IOException {
        Natives.ready();
        processor = FastLayers.kernels();
        table = Table.read(Path.of("safety-net.csv"));
        net = new SafetyNet(folder);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "conf/fashion-cnn",
                "conf/lenet-bn",
                "conf/multi-layer-net-extended",
                "conf/resnet-20",
                "layer/average-pool",
                "layer/batch-norm-dense",
                "layer/dropout-on-logits",
                "layer/instance-norm",
                "layer/layer-norm",
                "layer/local-response-norm",
                "layer/residual-projection",
                "loss/binary-cross-entropy",
                "loss/squared-error",
                "optimizer/adadelta",
                "optimizer/adagrad",
                "optimizer/adam-batch-norm-l2",
                "optimizer/clip-norm",
                "optimizer/momentum",
                "optimizer/nesterov",
                "optimizer/rmsprop",
                "optimizer/sgd",
                "regularization/elastic-net",
                "schedule/cosine",
                "schedule/plateau",
                "augment/mix-up",
                "data/validation",
                "distillation",
                "early-stopping",
                "resume",
            })
    void givesTheSameBits(String name) throws IOException {
        Map<String, Bits> bits = run(name, GANG);
        assertThat(run(name, ALONE)).as("alone").isEqualTo(bits);
        assertRecorded(bits);
    }

    /** Classes, numbers, labels and sequences of unequal lengths, between executors and by every exchange. */
    @Test
    void givesTheSameBitsOnACluster() throws IOException {
        Map<String, Map<String, Bits>> alone = new LinkedHashMap<>();
        for (String name : List.of(
                "sync-every/3",
                "layer/residual",
                "objective/regression-huber",
                "objective/multi-label",
                "objective/sequences")) {
            alone.put(name, run(name, ALONE));
        }
        alone.values().forEach(SafetyNetTest::assertRecorded);
        try (KeptSpark spark = new KeptSpark()) {
            for (String exchange : List.of("gang", "job")) {
                Case.Shape cluster = new Case.Shape("local-cluster[2,1,1024]", exchange);
                for (String name : alone.keySet()) {
                    assertThat(run(name, cluster)).as(name + " by " + exchange).isEqualTo(alone.get(name));
                }
            }
        }
    }

    @Test
    void namesAreUnique() {
        List<String> names = net.cases().stream().map(Case::name).toList();
        assertThat(names).doesNotHaveDuplicates().hasSizeGreaterThan(80);
    }

    /** Whatever the processor: a part that is not in the table may change its bits unseen. */
    @Test
    void everyCaseAndEveryExerciseThatTrainsIsRecorded() throws IOException {
        Set<String> recorded = Files.readAllLines(Path.of("safety-net.csv")).stream()
                .skip(1)
                .map(row -> row.substring(0, row.indexOf(',')))
                .collect(Collectors.toSet());
        assertThat(net.cases().stream().map(Case::name).filter(name -> !name.equals("course")))
                .allMatch(recorded::contains);
        assertThat(Course.exercises().stream()
                        .filter(Exercise::trains)
                        .map(exercise -> "course/" + exercise.name() + "/"))
                .hasSizeGreaterThan(30)
                .allMatch(start -> recorded.stream().anyMatch(name -> name.startsWith(start)));
    }

    private static Map<String, Bits> run(String name, Case.Shape shape) throws IOException {
        Case found = net.cases().stream()
                .filter(each -> each.name().equals(name))
                .findFirst()
                .orElseThrow();
        return net.run(found, shape);
    }

    private static void assertRecorded(Map<String, Bits> bits) {
        bits.forEach((name, found) -> {
            if (table.knows(processor)) {
                assertThat(table.find(name, processor)).as(name).contains(found);
            }
        });
    }
}
