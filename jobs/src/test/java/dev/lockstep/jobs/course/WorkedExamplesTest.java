package dev.lockstep.jobs.course;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.typesafe.config.ConfigFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** What 1_1 and 1_2 print: the golden values of the course, whose cross-entropy adds 1e-7 to what it takes the logarithm of. */
class WorkedExamplesTest {
    private static final Pattern NUMBER = Pattern.compile("-?\\d+\\.\\d+");

    /** The numbers printed behind a name, rows one after the other. */
    private static List<Double> printed(Passage passage, String name) {
        List<Double> numbers = new ArrayList<>();
        boolean inside = false;
        for (String line : passage.text().split("\n")) {
            inside = line.startsWith(name + " ") || inside && line.startsWith(" ");
            if (inside) {
                Matcher matcher = NUMBER.matcher(line.substring(28));
                while (matcher.find()) {
                    numbers.add(Double.valueOf(matcher.group()));
                }
            }
        }
        return numbers;
    }

    private static void assertPrinted(Passage passage, String name, double... expected) {
        List<Double> numbers = printed(passage, name);
        assertThat(numbers).as(passage.text()).hasSize(expected.length);
        for (int i = 0; i < expected.length; i++) {
            assertThat(numbers.get(i)).as("%s[%d]", name, i).isCloseTo(expected[i], within(2e-7));
        }
    }

    @Test
    void forwardPropagation() {
        List<Passage> passages = WorkedExamples.forwardPropagation(ConfigFactory.empty());
        assertPrinted(passages.get(0), "u = x W + b", 1.3);
        assertPrinted(passages.get(1), "u = x W + b", 1.4, 2.2, 3.0);
        assertPrinted(passages.get(1), "z = sigmoid(u)", .80218389, .90024951, .95257413);
        assertPrinted(passages.get(2), "z1 = relu(u1)", .6, 1.3, 2.0);
        assertPrinted(passages.get(2), "u2 = z1 W2 + b2", 1.02, 2.29, 3.56, 4.83);
        assertPrinted(passages.get(2), "y = softmax(u2)", .01602796, .05707321, .20322929, .72366954);
        assertPrinted(passages.get(2), "cross-entropy", .3234202934);
        assertPrinted(passages.get(3), "y = u2", 1.02, 2.29);
        assertPrinted(passages.get(3), "half the mean of the squares", .971125);
    }

    @Test
    void backPropagation() {
        List<Passage> passages = WorkedExamples.backPropagation();
        assertPrinted(passages.get(0), "y = softmax(u2)", .08706577, .91293423);
        assertPrinted(passages.get(1), "dW2", .10447893, -.10447893, .21766443, -.21766443, .33084994, -.33084994);
        assertPrinted(passages.get(1), "db1", -.02611973, -.02611973, -.02611973);
        assertPrinted(passages.get(2), "W1", .1002612, .3002612, .5002612, .20130599, .40130599, .60130599);
    }
}
