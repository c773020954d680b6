package dev.lockstep.jobs.course;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lockstep.driver.config.ExchangeKind;
import dev.lockstep.driver.config.RunConfig;
import dev.lockstep.worker.dl4j.Networks;
import dev.lockstep.worker.failure.ConfigurationException;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** The files of conf/course. */
class CourseTest {

    static Stream<Exercise> trained() {
        return Course.exercises().stream().filter(Exercise::trains);
    }

    private static List<String> names(String... words) {
        return Course.named(List.of(words)).stream().map(Exercise::name).toList();
    }

    @ParameterizedTest
    @MethodSource("trained")
    void everyVariantCanBeBuiltAndIsASingleTask(Exercise exercise) {
        assertThat(exercise.variants()).isNotEmpty();
        assertThat(exercise.variants()).extracting(Exercise.Variant::name).doesNotHaveDuplicates();
        for (Exercise.Variant variant : exercise.variants()) {
            RunConfig config = exercise.config(variant, 0, List.of());
            assertThat(config.name()).isEqualTo(variant.name());
            assertThat(config.seed()).isEqualTo(1);
            if (!exercise.name().equals("4_4_data_parallel")) { // which is about them
                assertThat(config.training().shards()).isEqualTo(1);
                assertThat(config.training().tasks()).isEqualTo(1);
            }
            if (config.training().exchange() == ExchangeKind.GANG) { // there may be a single slot
                assertThat(config.training().tasks()).as(variant.name()).isLessThanOrEqualTo(1);
            }
            RunConfig third = exercise.config(variant, 2, List.of("train.shards=5", "train.batch-size=50"));
            assertThat(third.name()).isEqualTo(variant.name() + "-seed3");
            assertThat(third.seed()).isEqualTo(3);
            assertThat(third.training().shards()).isEqualTo(5);
        }
    }

    /** As docs/course.md has them. */
    @ParameterizedTest
    @CsvSource({
        "2_2_1_vanishing_gradient, 32430",
        "2_5_overfitting, 130010",
        "2_6_simple_convolution_network, 433890",
        "2_7_double_convolution_network, 75430",
        "2_8_deep_convolution_net, 123552"
    })
    void theNetworksAreTheCourses(String name, int parameters) {
        Exercise exercise = Course.named(List.of(name)).get(0);
        RunConfig config = exercise.config(exercise.variants().get(0), 0, List.of());
        assertThat(Networks.initialParameters(config.network(), 1)).hasSize(parameters);
    }

    @Test
    void aBeginningMeansAllThatBeginWithIt() {
        assertThat(names("2_4")).containsExactly("2_4_optimizer", "2_4_tries");
        assertThat(names("2_5_dropout")).containsExactly("2_5_dropout");
        assertThat(names("2_5_dropout_l1", "1_1")).containsExactly("1_1_forward_propagation", "2_5_dropout_l1");
        assertThat(names("all"))
                .isEqualTo(Course.exercises().stream().map(Exercise::name).toList());
    }

    @Test
    void anUnknownNameIsToldTheNearest() {
        assertThatThrownBy(() -> names("2_4_optimiser"))
                .isInstanceOf(ConfigurationException.class)
                .hasMessageContainingAll("no exercise '2_4_optimiser'", "the nearest is 2_4_optimizer", "course list");
        assertThatThrownBy(() -> names("bagging")).hasMessageContaining("no exercise 'bagging'");
    }

    @Test
    void whatTheCourseSawIsWrittenAsItWritesIt() {
        Exercise optimizer = Course.named(List.of("2_4_optimizer")).get(0);
        assertThat(optimizer.variants().get(0).saw().words()).isEqualTo("test .0974–.1135");
        assertThat(optimizer.variants().get(3).saw().words()).isEqualTo("test .917–.949");
        Exercise overfitting = Course.named(List.of("2_5_overfitting")).get(0);
        assertThat(overfitting.variants().get(0).saw().words()).isEqualTo("test .75–.78, train 1.00");
        assertThat(Saw.NOTHING.words()).isEqualTo("–");
    }
}
