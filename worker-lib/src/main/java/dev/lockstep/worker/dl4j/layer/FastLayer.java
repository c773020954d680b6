package dev.lockstep.worker.dl4j.layer;

/** What of ours takes the place of one of DL4J's: says how it computes, and counts the passes it computed. */
interface FastLayer {
    /** How, in a few words: the technique, what is fused with it, and what of it is left to DL4J. */
    String technique();

    PassCounter passes();
}
