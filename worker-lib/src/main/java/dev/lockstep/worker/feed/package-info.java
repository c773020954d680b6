/** What a feed's tasks are sent, and how a task finds its examples in it. */
package dev.lockstep.worker.feed;
