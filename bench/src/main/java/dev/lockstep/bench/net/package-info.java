/**
 * Short runs of every part that a configuration can name, and the hashes that they must give: no change of structure may
 * move one.
 */
package dev.lockstep.bench.net;
