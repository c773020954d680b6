/** The command line: arguments, exit codes, Ctrl-C. */
package dev.lockstep.jobs.cli;
