/** Pictures: PNG, JPEG or bare pixels of any size in, bytes of one size out, by integers alone, so the same everywhere. */
package dev.lockstep.worker.picture;
