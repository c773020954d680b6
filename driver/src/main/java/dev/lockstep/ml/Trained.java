package dev.lockstep.ml;

import dev.lockstep.driver.run.ModelFile;

/** What a fit gives. */
record Trained(ModelFile.Contents contents, LockstepTrainingSummary summary) {}
