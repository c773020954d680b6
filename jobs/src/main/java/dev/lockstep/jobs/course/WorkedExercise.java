package dev.lockstep.jobs.course;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigException;
import com.typesafe.config.ConfigFactory;
import dev.lockstep.driver.config.RunConfigParser;
import dev.lockstep.worker.failure.ConfigurationException;
import java.util.List;
import java.util.function.Function;

/**
 * Values and all that is computed of them, printed step by step.
 *
 * @param passages of what was turned; of nothing, the course's own
 */
record WorkedExercise(Outline outline, Function<Config, List<Passage>> passages) implements Exercise {

    @Override
    public Result run(Session session, Result begun) {
        List<Passage> worked = worked(session.plan());
        for (Passage passage : worked) {
            session.display().println("\n" + passage.heading() + "\n" + passage.text());
        }
        return begun.with(worked);
    }

    /** @throws ConfigurationException when a word is none of this exercise's, or its value makes no sense */
    List<Passage> worked(CoursePlan plan) {
        Config turned = ConfigFactory.empty();
        for (String word : plan.overrides()) {
            String key = Exercise.key(word);
            if (outline().turns().contains(key)) {
                turned = RunConfigParser.override(turned, List.of(word));
            } else if (!key.contains(".")) { // else it is for the exercises that train
                throw new ConfigurationException(
                        key + ": is nothing that can be turned in " + name() + "; " + turnable());
            }
        }
        try {
            return passages.apply(turned);
        } catch (ConfigException | IllegalArgumentException e) {
            throw new ConfigurationException(name() + ": " + e.getMessage() + "; " + turnable(), e);
        }
    }
}
