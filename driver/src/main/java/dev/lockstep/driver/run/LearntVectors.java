package dev.lockstep.driver.run;

import dev.lockstep.worker.dl4j.Dl4jModel;
import dev.lockstep.worker.dl4j.Dl4jModel.Embedded;
import dev.lockstep.worker.failure.ConfigurationException;
import dev.lockstep.worker.failure.ModelException;
import dev.lockstep.worker.text.TextVocabulary;
import dev.lockstep.worker.text.WordVectors;

/** The vectors of words that a network's first embedding has learnt. */
public final class LearntVectors {
    private LearntVectors() {}

    /**
     * @param contents of a network of text
     * @param model what to call it in messages
     * @throws ConfigurationException when it has no embedding
     * @throws ModelException when it is damaged
     */
    public static WordVectors of(ModelFile.Contents contents, String model) {
        TextVocabulary vocabulary = contents.fitted().vocabulary();
        Embedded found = Dl4jModel.embedding(
                        contents.model().configurationJson(), contents.model().parameters())
                .orElseThrow(() -> new ConfigurationException(model + ": has no embedding, and so no vectors"));
        int rows = found.rows().length / found.units();
        if (rows < vocabulary.tokens().size()) {
            throw new ModelException(model + ": knows " + vocabulary.tokens().size() + " tokens, but its embedding has "
                    + rows + " rows; it is damaged");
        }
        return new WordVectors(vocabulary, found.units(), found.rows());
    }
}
