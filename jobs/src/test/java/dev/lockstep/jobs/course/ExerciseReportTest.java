package dev.lockstep.jobs.course;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lockstep.driver.run.RunFolder;
import dev.lockstep.jobs.course.Result.VariantResult;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ExerciseReportTest {
    @TempDir
    private Path folder;

    /** The page of an exercise one variant of which has yet to begin. */
    private String page(String name) throws IOException {
        CoursePlan plan = new CoursePlan(Course.named(List.of(name)), List.of(), null, null, 0, null);
        RunFolder place =
                RunFolder.at(Files.createDirectories(folder.resolve(name)).toString(), new Configuration());
        List<VariantResult> variants = List.of(new VariantResult("a", Saw.NOTHING, Map.of(), List.of("a"), List.of()));
        Result.of(plan.exercises().get(0), plan)
                .withTrials("the data", variants, List.of(), List.of(), List.of())
                .write(place);
        ExerciseReport.write(place);
        return Files.readString(folder.resolve(name).resolve("report.html"));
    }

    /** A table and a text have a class each, too. */
    @Test
    void onlyWhatIsOnImagesIsSaidToBeOfMnist() throws IOException {
        assertThat(page("1_4_mnist")).contains("The course trained on MNIST, so its figures are to be met on MNIST");
        assertThat(page("regularization")).contains("the course, on CIFAR-10");
        for (String name :
                List.of("4_3_iris", "3_2_predict_word", "3_6_attention", "1_3_stochastic_gradient_descent")) {
            assertThat(page(name)).as(name).contains("Here: the data. ").doesNotContain("MNIST");
        }
    }
}
