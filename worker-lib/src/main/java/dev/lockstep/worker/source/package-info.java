/** Examples where they lie: files on any Hadoop file system or in our jar, or made up, read by ranges in any task. */
package dev.lockstep.worker.source;
