package dev.lockstep.worker.rl;

import dev.lockstep.worker.failure.ConfigurationException;
import java.io.Serializable;
import java.util.Arrays;
import java.util.Locale;
import java.util.function.Supplier;

/**
 * Which environment, as a value.
 *
 * @param name one of {@link Kind}, or the name of a user's class
 * @param plan of a grid; null of others
 * @param stepLimit the most steps of an episode, which is cut there; at least 1
 */
public record World(String name, Grid.Plan plan, int stepLimit) implements Serializable {

    /** Those that come with Lockstep: what makes a new one, or none where a plan does. */
    public enum Kind {
        GRIDWORLD(null),
        FROZENLAKE(null),
        CARTPOLE(CartPole::new);

        private final Supplier<Environment> maker;

        Kind(Supplier<Environment> maker) {
            this.maker = maker;
        }

        /** Whether it is a floor of squares, which has a plan. */
        public boolean isGrid() {
            return maker == null;
        }

        /** As configurations spell it. */
        public String word() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /** A new one. */
    public Environment environment() {
        if (plan != null) {
            return new Grid(plan);
        }
        return Arrays.stream(Kind.values())
                .filter(kind -> kind.word().equals(name))
                .findFirst()
                .map(kind -> kind.maker.get())
                .orElseGet(this::own);
    }

    private Environment own() {
        try {
            // Of another class nothing runs, for a run folder may be a stranger's.
            return Class.forName(name, false, Thread.currentThread().getContextClassLoader())
                    .asSubclass(Environment.class)
                    .getConstructor()
                    .newInstance();
        } catch (ReflectiveOperationException | LinkageError | ClassCastException e) {
            throw new ConfigurationException(
                    "environment.name: " + name + " is no public class with a public constructor without parameters"
                            + " that is a " + Environment.class.getName() + " on the class path",
                    e);
        }
    }

    /** @throws ConfigurationException when there is no such environment, or one in which there is nothing to do */
    public Environment.Space space() {
        Environment.Space space = environment().space();
        if (space.values() < 1 || space.states() < 0 || space.actions() < 2) {
            throw new ConfigurationException("environment.name: " + name + " says " + space
                    + "; expected at least 1 value, 0 or more states and at least 2 actions");
        }
        return space;
    }
}
