package dev.lockstep.jobs.course;

/** A piece of a worked example: a heading, and lines as a notebook would print them. */
public record Passage(String heading, String text) {
    public Passage {
        heading = Stored.text(heading);
        text = Stored.text(text);
    }
}
