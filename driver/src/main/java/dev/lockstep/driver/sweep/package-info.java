/** Many runs in one Spark application: search spaces, and what runs their trials side by side. */
package dev.lockstep.driver.sweep;
