package dev.lockstep.worker.rl;

import dev.lockstep.worker.seed.SplitMix64;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/**
 * A floor of squares: left (0), down (1), right (2) or up (3) leads to the next one, and into a wall or off the floor
 * nowhere. An episode begins on a start, or where there is none on any floor, and ends on a goal or in a hole.
 *
 * <p>GridWorld is that of Sutton, Barto: "Reinforcement Learning", 2nd edition 2018, example 4.1: two goals in opposite
 * corners, each move costs 1. FrozenLake is Gym's FrozenLake-v1: 1 on the goal; on ice, a move goes where it was to go, or
 * to either side of it, each one time in three.
 */
public final class Grid implements Environment {
    /** {@code S} start, {@code F} floor, {@code H} hole, {@code G} goal, {@code W} wall. */
    public static final String SQUARES = "SFHGW";

    public static final List<String> GRIDWORLD = List.of("GFFF", "FFFF", "FFFF", "FFFG");
    public static final List<String> LAKE_4 = List.of("SFFF", "FHFH", "FFFH", "HFFG");
    public static final List<String> LAKE_8 =
            List.of("SFFFFFFF", "FFFFFFFF", "FFFHFFFF", "FFFFFHFF", "FFFHFFFF", "FHHFFFHF", "FHFFHFHF", "FFFHFFFG");

    private static final int ACTIONS = 4;
    private static final int[] ACROSS = {-1, 0, 1, 0};
    private static final int[] DOWN = {0, 1, 0, -1};

    private final Plan plan;
    private final int width;
    private final String squares;
    private final int[] starts;
    private int at;

    /**
     * What a floor is like.
     *
     * @param rows of {@link #SQUARES}, all of one length
     * @param slippery whether it is of ice
     * @param step what each move gives
     * @param goal what reaching a goal gives beside
     * @param hole what falling into a hole gives beside
     */
    public record Plan(List<String> rows, boolean slippery, double step, double goal, double hole)
            implements Serializable {
        public Plan {
            rows = List.copyOf(rows);
        }

        /** What is wrong with the rows; null when nothing is. */
        public String problem() {
            if (rows.isEmpty()
                    || rows.get(0).isEmpty()
                    || rows.stream().anyMatch(row -> row.length() != rows.get(0).length())) {
                return "has rows of different lengths, or none";
            }
            if (!String.join("", rows).matches("[" + SQUARES + "]+")) {
                return "expected rows of S (start), F (floor), H (hole), G (goal) and W (wall)";
            }
            Grid grid = new Grid(this);
            if (grid.starts.length == 0) {
                return "has neither a start nor a floor: an episode would end at once";
            }
            boolean[] seen = new boolean[grid.squares.length()];
            List<Integer> next = new ArrayList<>();
            for (int start : grid.starts) {
                if (!grid.reaches(start, seen, next)) {
                    return "has a start at row " + (start / grid.width + 1) + ", column " + (start % grid.width + 1)
                            + ", from which no goal and no hole can be reached: an episode would never end";
                }
            }
            return null;
        }
    }

    public Grid(Plan plan) {
        this.plan = plan;
        this.width = plan.rows().get(0).length();
        this.squares = String.join("", plan.rows());
        int[] marked = squares('S');
        this.starts = marked.length > 0 ? marked : squares('F');
    }

    private int[] squares(char kind) {
        return IntStream.range(0, squares.length())
                .filter(square -> squares.charAt(square) == kind)
                .toArray();
    }

    private boolean reaches(int start, boolean[] seen, List<Integer> next) {
        Arrays.fill(seen, false);
        next.clear();
        next.add(start);
        while (!next.isEmpty()) {
            int square = next.remove(next.size() - 1);
            if (isEnd(square)) {
                return true;
            }
            for (int action = 0; action < ACTIONS; action++) {
                int to = to(square, action);
                if (!seen[to]) {
                    seen[to] = true;
                    next.add(to);
                }
            }
        }
        return false;
    }

    /** The square that a move leads to. */
    private int to(int square, int action) {
        int column = square % width + ACROSS[action];
        int row = square / width + DOWN[action];
        if (column < 0 || column >= width || row < 0 || row >= squares.length() / width) {
            return square;
        }
        int to = row * width + column;
        return squares.charAt(to) == 'W' ? square : to;
    }

    private boolean isEnd(int square) {
        return squares.charAt(square) == 'G' || squares.charAt(square) == 'H';
    }

    @Override
    public Space space() {
        return new Space(squares.length(), squares.length(), ACTIONS);
    }

    @Override
    public void reset(SplitMix64 random) {
        at = starts[(int) random.nextLong(starts.length)];
    }

    void place(int square) {
        at = square;
    }

    @Override
    public double step(int action, SplitMix64 random) {
        int aside = plan.slippery() ? (int) random.nextLong(3) - 1 : 0;
        at = to(at, Math.floorMod(action + aside, ACTIONS));
        return plan.step()
                + switch (squares.charAt(at)) {
                    case 'G' -> plan.goal();
                    case 'H' -> plan.hole();
                    default -> 0;
                };
    }

    @Override
    public boolean isOver() {
        return isEnd(at);
    }

    @Override
    public int state() {
        return at;
    }

    /**
     * A policy on the floor, for people: an arrow on each square that has one.
     *
     * @param actions of each state
     */
    public List<String> drawn(int[] actions) {
        List<String> rows = new ArrayList<>();
        for (int from = 0; from < squares.length(); from += width) {
            StringBuilder row = new StringBuilder();
            for (int square = from; square < from + width; square++) {
                boolean acts = !isEnd(square) && squares.charAt(square) != 'W';
                row.append(acts ? "←↓→↑".charAt(actions[square]) : squares.charAt(square));
            }
            rows.add(row.toString());
        }
        return rows;
    }
}
