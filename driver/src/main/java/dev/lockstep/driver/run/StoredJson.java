package dev.lockstep.driver.run;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonMappingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lockstep.worker.failure.Excerpt;
import java.nio.charset.StandardCharsets;

/** JSON that lies in a folder and may be damaged: what we write there are objects, so everything else is damage. */
public final class StoredJson {
    private static final ObjectMapper JSON = new ObjectMapper().enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);

    private StoredJson() {}

    /** @throws JsonProcessingException when it is not one object, {@code null} and nothing at all included */
    public static ObjectNode object(byte[] bytes) throws JsonProcessingException {
        return object(new String(bytes, StandardCharsets.UTF_8));
    }

    /** @throws JsonProcessingException when it is not one object, {@code null} and nothing at all included */
    public static ObjectNode object(String text) throws JsonProcessingException {
        JsonNode node = JSON.readTree(text);
        if (node instanceof ObjectNode object) {
            return object;
        }
        throw new JsonMappingException(null, "expected an object {...}, found " + found(text));
    }

    /** What is wrong with it, in a line. */
    public static String reason(JsonProcessingException damage) {
        return Excerpt.line(damage.getOriginalMessage());
    }

    private static String found(String text) {
        return text.isBlank() ? "nothing" : Excerpt.of(text.strip());
    }
}
