package dev.lockstep.worker.rl;

import dev.lockstep.worker.seed.SplitMix64;

/**
 * A pole stands on a cart that is pushed left (0) or right (1); each step that it stands gives 1. Barto, Sutton, Anderson:
 * "Neuronlike adaptive elements that can solve difficult learning control problems", 1983, with the constants and Euler's
 * steps of Gym's CartPole-v1: the episode ends when the pole leans more than 12 degrees or the cart is 2.4 m from the
 * middle. Seen are place, speed, angle (radians) and its speed.
 */
final class CartPole implements Environment {
    private static final double GRAVITY = 9.8;
    private static final double POLE_MASS = 0.1;
    private static final double TOTAL_MASS = 1.0 + POLE_MASS;
    private static final double HALF_LENGTH = 0.5;
    private static final double FORCE = 10;
    private static final double SECONDS = 0.02;
    private static final double FURTHEST = 2.4;
    private static final double STEEPEST = 12 * 2 * Math.PI / 360;
    private static final double START = 0.05;
    private static final Space SPACE = new Space(4, 0, 2);

    private double place;
    private double speed;
    private double angle;
    private double turning;

    @Override
    public Space space() {
        return SPACE;
    }

    @Override
    public void reset(SplitMix64 random) {
        place(start(random), start(random), start(random), start(random));
    }

    private static double start(SplitMix64 random) {
        return -START + 2 * START * random.nextDouble();
    }

    void place(double placeNow, double speedNow, double angleNow, double turningNow) {
        place = placeNow;
        speed = speedNow;
        angle = angleNow;
        turning = turningNow;
    }

    @Override
    public double step(int action, SplitMix64 random) {
        double force = action == 1 ? FORCE : -FORCE;
        double cosine = StrictMath.cos(angle);
        double sine = StrictMath.sin(angle);
        double push = (force + POLE_MASS * HALF_LENGTH * turning * turning * sine) / TOTAL_MASS;
        double turn = (GRAVITY * sine - cosine * push)
                / (HALF_LENGTH * (4.0 / 3.0 - POLE_MASS * cosine * cosine / TOTAL_MASS));
        double acceleration = push - POLE_MASS * HALF_LENGTH * turn * cosine / TOTAL_MASS;
        place += SECONDS * speed;
        speed += SECONDS * acceleration;
        angle += SECONDS * turning;
        turning += SECONDS * turn;
        return 1;
    }

    @Override
    public boolean isOver() {
        return Math.abs(place) > FURTHEST || Math.abs(angle) > STEEPEST;
    }

    @Override
    public void observe(float[] into, int at) {
        into[at] = (float) place;
        into[at + 1] = (float) speed;
        into[at + 2] = (float) angle;
        into[at + 3] = (float) turning;
    }
}
