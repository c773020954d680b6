package dev.lockstep.worker.step;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lockstep.worker.dl4j.Dl4jDefinition;
import dev.lockstep.worker.dl4j.Networks;
import dev.lockstep.worker.failure.ConfigurationException;
import dev.lockstep.worker.model.ActivationFunction;
import dev.lockstep.worker.model.CourseNetworks;
import dev.lockstep.worker.model.ExampleFormat;
import dev.lockstep.worker.model.NetworkDefinition;
import dev.lockstep.worker.model.NetworkSpec;
import dev.lockstep.worker.model.Shape;
import dev.lockstep.worker.model.WeightInit;
import dev.lockstep.worker.model.layer.Activation;
import dev.lockstep.worker.model.layer.BatchNorm;
import dev.lockstep.worker.model.layer.Convolution;
import dev.lockstep.worker.model.layer.Dropout;
import dev.lockstep.worker.model.objective.Objective;
import dev.lockstep.worker.model.optimizer.Adam;
import dev.lockstep.worker.seed.SeedLaw;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class ArithmeticTest {
    private static final String KERNELS = "lockstep.kernels";
    private static final SeedLaw SEEDS = new SeedLaw(5);
    private static final NetworkSpec NETWORK = new NetworkSpec(
            new Shape(3, 12, 12),
            List.of(
                    new Convolution(6, 3, 1, 1, ActivationFunction.IDENTITY),
                    new BatchNorm(0.9, 1e-5),
                    new Activation(ActivationFunction.RELU),
                    CourseNetworks.pool(),
                    new Dropout(0.3),
                    CourseNetworks.dense(20),
                    CourseNetworks.softmax(4)),
            new WeightInit.He(),
            new Adam(0.001, 0.9, 0.999, 1e-7),
            0,
            0.01);

    @AfterEach
    void kernelsAsTheyWere() {
        System.clearProperty(KERNELS);
    }

    private static String of(NetworkDefinition network) {
        return new Replica(network, SEEDS).arithmetic();
    }

    @Test
    void isTheSameFromEveryReplicaOfThisMachine() {
        String one = of(NETWORK);
        assertThat(one).matches("Lockstep's layers and OpenBLAS for \\w+, sample gradient [0-9a-f]{16}");
        assertThat(of(NETWORK)).isEqualTo(one);
        Replica used = new Replica(NETWORK, SEEDS);
        used.setParameters(Networks.initialParameters(NETWORK, 3));
        used.gradient(new StepId(7, 1, 5), 2, examples());
        assertThat(used.arithmetic()).isEqualTo(one);
    }

    /** What their names say, the digest says too. */
    @Test
    void theSampleTellsKernelsApart() {
        Set<String> samples = new HashSet<>();
        for (String mode : List.of("on", "onednn", "off")) {
            System.setProperty(KERNELS, mode);
            samples.add(of(NETWORK).replaceFirst(".*, sample gradient ", ""));
        }
        assertThat(samples).hasSize(3);
    }

    @Test
    void leavesNoTraceInWhatIsComputedAfterwards() {
        Replica asked = new Replica(NETWORK, SEEDS);
        asked.arithmetic();
        Replica fresh = new Replica(NETWORK, SEEDS);
        float[] parameters = Networks.initialParameters(NETWORK, 3);
        for (Replica replica : List.of(asked, fresh)) {
            replica.setParameters(parameters);
            replica.setOptimizerState(new float[replica.optimizerStateCount()]);
        }
        for (int step = 0; step < 3; step++) {
            StepId id = new StepId(step, 0, 5);
            for (Replica replica : List.of(asked, fresh)) {
                replica.step(id, replica.gradient(id, 0, examples()));
            }
        }
        assertThat(asked.parameters()).isEqualTo(fresh.parameters());
        assertThat(asked.optimizerState()).isEqualTo(fresh.optimizerState());
    }

    @Test
    void examplesOfFloatsAreSampledToo() {
        String json = Networks.build(NETWORK, 1).configurationJson();
        NetworkDefinition floats = new Dl4jDefinition(
                json, NETWORK.input(), 4, ExampleFormat.floats(NETWORK.input(), 4), Objective.CLASSIFICATION);
        assertThat(of(floats)).contains("sample gradient ").isEqualTo(of(floats));
    }

    /** A network's answer is a walk over its graph: of an image of floats it was asked 300,000 times. */
    @Test
    void howManyTokensThereAreIsAskedOnce() {
        AtomicInteger asked = new AtomicInteger();
        NetworkDefinition network = new NetworkDefinition() {
            @Override
            public Shape input() {
                return new Shape(1, 8, 8);
            }

            @Override
            public int classes() {
                return 2;
            }

            @Override
            public Objective objective() {
                return Objective.REGRESSION;
            }

            @Override
            public ExampleFormat format() {
                return ExampleFormat.floats(input(), classes());
            }

            @Override
            public int tokens() {
                return asked.incrementAndGet();
            }
        };
        assertThat(Arithmetic.sample(network, 1)).hasSize((64 + 2) * Float.BYTES);
        assertThat(asked).hasValue(1);
    }

    @Test
    void onlyTheSameGoesOn() {
        assertThat(Arithmetic.goOn(null, "A", "task 0")).isEqualTo("A");
        assertThat(Arithmetic.goOn("A", "A", "task 0")).isEqualTo("A");
        assertThatThrownBy(() -> Arithmetic.goOn("A", "B", "task 1"))
                .isInstanceOf(ConfigurationException.class)
                .hasMessageContainingAll("computed with A, but task 1 computes with B", "--other-kernels");
    }

    private static List<byte[]> examples() {
        return java.util.stream.IntStream.range(0, 5)
                .mapToObj(i -> {
                    byte[] values = new byte[NETWORK.input().size()];
                    for (int at = 0; at < values.length; at++) {
                        values[at] = (byte) ((Integer.BYTES + at) * 31 + i * 17);
                    }
                    return NETWORK.format().pack(i % 4, values, 0);
                })
                .toList();
    }
}
