package dev.lockstep.worker.picture;

/**
 * A picture as a file holds it.
 *
 * @param orientation how it is to be turned to stand upright
 */
record DecodedPicture(Pixels pixels, Orientation orientation) {}
