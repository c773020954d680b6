/** What can go wrong, by whose fault: each kind is an exit code, each message one line. */
package dev.lockstep.worker.failure;
