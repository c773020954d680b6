package dev.lockstep.worker.rl;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.lockstep.worker.seed.SplitMix64;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Known trajectories. CartPole's were computed apart, in Python, from the formulas as Gym's CartPole-v1 has them. */
class EnvironmentsTest {

    private static final SplitMix64 NO_CHANCE = new SplitMix64(0);

    private static void expect(CartPole cart, double... expected) {
        float[] seen = new float[4];
        cart.observe(seen, 0);
        for (int i = 0; i < seen.length; i++) {
            assertThat((double) seen[i]).as("value " + i).isCloseTo(expected[i], within(2e-7));
        }
    }

    @Test
    void aCartMovesAsTheEquationsSay() {
        CartPole cart = new CartPole();
        cart.place(0.01, -0.02, 0.03, 0.04);
        cart.step(1, NO_CHANCE);
        expect(cart, 0.009600000, 0.174679196, 0.030800000, -0.243068718);
        cart.step(0, NO_CHANCE);
        expect(cart, 0.013093584, -0.020868849, 0.025938626, 0.059168000);
        cart.step(0, NO_CHANCE);
        expect(cart, 0.012676207, -0.216352921, 0.027121986, 0.359920571);
        cart.step(1, NO_CHANCE);
        assertThat(cart.step(1, NO_CHANCE)).isEqualTo(1);
        expect(cart, 0.007916613, 0.172986760, 0.035838631, -0.205748516);
        assertThat(cart.isOver()).isFalse();
    }

    /** Nine pushes to one side, and the pole leans more than 12 degrees. */
    @Test
    void aPoleThatIsPushedFalls() {
        CartPole cart = new CartPole();
        cart.place(0, 0, 0, 0);
        int steps = 0;
        while (!cart.isOver()) {
            cart.step(1, NO_CHANCE);
            steps++;
        }
        assertThat(steps).isEqualTo(9);
        expect(cart, 0.140650972, 1.760381126, -0.215186050, -2.777886494);
    }

    /** Two pushes to either side in turn. */
    @Test
    void aPoleThatIsPushedToAndFroFallsLater() {
        CartPole cart = new CartPole();
        cart.place(0, 0, 0, 0);
        int steps = 0;
        while (!cart.isOver()) {
            cart.step(steps % 4 < 2 ? 1 : 0, NO_CHANCE);
            steps++;
        }
        assertThat(steps).isEqualTo(24);
        expect(cart, 0.097150169, 0.027097696, -0.218938546, -0.611510111);
    }

    @Test
    void aCartThatIsFarOutIsAtItsEnd() {
        CartPole cart = new CartPole();
        cart.place(2.39, 1, 0, 0);
        assertThat(cart.isOver()).isFalse();
        cart.step(0, NO_CHANCE);
        assertThat(cart.isOver()).isTrue();
        cart.place(-2.41, 0, 0, 0);
        assertThat(cart.isOver()).isTrue();
    }

    @Test
    void episodesBeginNearUpright() {
        CartPole cart = new CartPole();
        SplitMix64 random = new SplitMix64(3);
        float[] seen = new float[4];
        for (int i = 0; i < 100; i++) {
            cart.reset(random);
            cart.observe(seen, 0);
            for (float value : seen) {
                assertThat(value).isBetween(-0.05f, 0.05f);
            }
        }
    }

    private static Grid grid(List<String> rows, boolean slippery, double step, double goal) {
        return new Grid(new Grid.Plan(rows, slippery, step, goal, 0));
    }

    /** Squares are numbered row by row; 0 left, 1 down, 2 right, 3 up. */
    @Test
    void aMoveLeadsToTheNextSquareAndOffTheFloorNowhere() {
        Grid grid = grid(Grid.GRIDWORLD, false, -1, 0);
        grid.place(5);
        int[] actions = {2, 1, 0, 0, 0, 3, 3};
        int[] squares = {6, 10, 9, 8, 8, 4, 0};
        for (int i = 0; i < actions.length; i++) {
            assertThat(grid.isOver()).isFalse();
            assertThat(grid.step(actions[i], NO_CHANCE)).isEqualTo(-1);
            assertThat(grid.state()).as("after move " + i).isEqualTo(squares[i]);
        }
        assertThat(grid.isOver()).isTrue();
    }

    @Test
    void wallsCannotBeEntered() {
        Grid grid = grid(List.of("SWG", "FFF"), false, -1, 0);
        grid.reset(NO_CHANCE);
        grid.step(2, NO_CHANCE);
        assertThat(grid.state()).isZero();
        grid.step(1, NO_CHANCE);
        assertThat(grid.state()).isEqualTo(3);
    }

    /** From square 14 of the 4 x 4 lake, 1 when it goes right; 1 only. */
    @Test
    void onIceAMoveGoesAsideTwoTimesInThree() {
        Grid lake = grid(Grid.LAKE_4, true, 0, 1);
        SplitMix64 random = new SplitMix64(7);
        int[] reached = new int[16];
        double sum = 0;
        for (int i = 0; i < 9000; i++) {
            lake.place(14);
            sum += lake.step(2, random);
            reached[lake.state()]++;
        }
        assertThat(sum).isEqualTo(reached[15]);
        for (int square : new int[] {15, 14, 10}) { // right, down (which leads nowhere), up
            assertThat(reached[square]).as("square " + square).isBetween(2850, 3150);
        }
    }

    @Test
    void aFloorWithoutABeginningOrAnEndIsNamed() {
        assertThat(problem("GG")).contains("would end at once");
        assertThat(problem("SWG")).contains("a start at row 1, column 1, from which no goal", "would never end");
        assertThat(problem("SX")).startsWith("expected rows of S (start), F (floor), H (hole), G (goal) and W (wall)");
        assertThat(problem("SG", "F")).contains("different lengths");
        assertThat(problem("FFG")).isNull();
    }

    private static String problem(String... rows) {
        return new Grid.Plan(List.of(rows), false, -1, 0, 0).problem();
    }
}
