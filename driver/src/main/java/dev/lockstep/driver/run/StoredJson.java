package dev.lockstep.driver.run;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.JsonSerializer;
import com.fasterxml.jackson.databind.MapperFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializerProvider;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.module.SimpleModule;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lockstep.worker.failure.Excerpt;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;

/**
 * A JSON object that lies in a folder and may be damaged. What we write there are objects, so everything else is damage;
 * so is a field that is not of the kind its reader expects. A field that is missing or null is null; fields that nobody
 * asks for may be there.
 */
public final class StoredJson {
    private static final ObjectMapper JSON = JsonMapper.builder()
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES) // of a later version
            .enable(MapperFeature.ACCEPT_CASE_INSENSITIVE_ENUMS)
            .addModule(new SimpleModule().addSerializer(Enum.class, new LowerCase()))
            .build();
    /** JSON has no such numbers: they are written as text. */
    private static final Set<String> NOT_FINITE = Set.of("NaN", "Infinity", "-Infinity");

    /** The words of files are in lower case. */
    @SuppressWarnings("rawtypes") // as Jackson asks for it
    private static final class LowerCase extends JsonSerializer<Enum> {
        @Override
        public void serialize(Enum value, JsonGenerator to, SerializerProvider ignored) throws IOException {
            to.writeString(value.name().toLowerCase(Locale.ROOT));
        }
    }

    private final String place;
    private final ObjectNode fields;

    private StoredJson(String place, ObjectNode fields) {
        this.place = place;
        this.fields = fields;
    }

    /**
     * @param place the file, for messages
     * @throws DamagedFileException when it is not one object, {@code null} and nothing at all included
     */
    public static StoredJson of(String place, String text) throws DamagedFileException {
        try {
            if (JSON.readTree(text) instanceof ObjectNode object) {
                return new StoredJson(place, object);
            }
        } catch (JsonProcessingException e) {
            throw new DamagedFileException(place, "expected JSON, found: " + line(e), e);
        }
        String found = text.isBlank() ? "nothing" : Excerpt.of(text.strip());
        throw new DamagedFileException(place, "expected JSON, an object {...}, found " + found, null);
    }

    /**
     * @return null when the folder has no such file
     * @throws DamagedFileException when it is not one object
     */
    public static StoredJson read(RunFolder folder, String file) throws IOException {
        byte[] bytes = folder.read(file);
        return bytes == null ? null : of(folder.path(file).toString(), new String(bytes, StandardCharsets.UTF_8));
    }

    /** A value in one line. */
    public static String line(Object value) {
        try {
            return JSON.writeValueAsString(value);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a record is not JSON", e);
        }
    }

    /** A value as a file for people, too. */
    public static String file(Object value) {
        try {
            return JSON.writerWithDefaultPrettyPrinter().writeValueAsString(value) + "\n";
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a record is not JSON", e);
        }
    }

    /**
     * The whole as a record of its fields' names.
     *
     * @throws DamagedFileException also when the record's constructor refuses it
     */
    public <T> T as(Class<T> type) throws DamagedFileException {
        try {
            return JSON.treeToValue(fields, type);
        } catch (JsonProcessingException e) {
            throw new DamagedFileException(place, line(e), e);
        }
    }

    public String text(String name) throws DamagedFileException {
        return field(name, JsonNode::isTextual, "a text", JsonNode::textValue);
    }

    public Boolean truth(String name) throws DamagedFileException {
        return field(name, JsonNode::isBoolean, "true or false", JsonNode::booleanValue);
    }

    public Integer count(String name) throws DamagedFileException {
        return field(name, node -> whole(node) && node.canConvertToInt(), "a whole number", JsonNode::intValue);
    }

    public Long whole(String name) throws DamagedFileException {
        return field(name, StoredJson::whole, "a whole number", JsonNode::longValue);
    }

    /** NaN and the infinities included. */
    public Double number(String name) throws DamagedFileException {
        return field(name, StoredJson::isNumber, "a number", StoredJson::number);
    }

    /** Texts by name; none when the field is missing. */
    public Map<String, String> texts(String name) throws DamagedFileException {
        return map(name, "texts", JsonNode::isTextual, JsonNode::textValue);
    }

    /** Numbers by name; none when the field is missing. */
    public Map<String, Double> numbers(String name) throws DamagedFileException {
        return map(name, "numbers", StoredJson::isNumber, StoredJson::number);
    }

    /** Lists of numbers by name; none when the field is missing. */
    public Map<String, double[]> numberLists(String name) throws DamagedFileException {
        return map(
                name,
                "lists of numbers",
                list -> list.isArray() && stream(list).allMatch(StoredJson::isNumber),
                list -> stream(list).mapToDouble(StoredJson::number).toArray());
    }

    /** The objects of a list; none when the field is missing. */
    public List<StoredJson> objects(String name) throws DamagedFileException {
        List<StoredJson> objects = new ArrayList<>();
        for (JsonNode element : list(name)) {
            if (!(element instanceof ObjectNode object)) {
                throw damaged(name, "a list of objects", fields.get(name));
            }
            objects.add(new StoredJson(place, object));
        }
        return objects;
    }

    /** All numbers at hand whose names begin so, by the rest of the name, in their order. */
    public Map<String, Double> numbersFrom(String prefix) {
        Map<String, Double> numbers = new LinkedHashMap<>();
        fields.fields().forEachRemaining(field -> {
            if (field.getKey().startsWith(prefix) && isNumber(field.getValue())) {
                numbers.put(field.getKey().substring(prefix.length()), number(field.getValue()));
            }
        });
        return numbers;
    }

    /** Whether a field is there and says that there is no value. */
    public boolean isNull(String name) {
        return fields.path(name).isNull();
    }

    /** A fault of a field that only its reader sees. */
    public DamagedFileException damaged(String reason) {
        return new DamagedFileException(place, reason, null);
    }

    private JsonNode list(String name) throws DamagedFileException {
        JsonNode list = field(name, JsonNode::isArray, "a list", Function.identity());
        return list == null ? JSON.createArrayNode() : list;
    }

    private <T> Map<String, T> map(String name, String kind, Predicate<JsonNode> test, Function<JsonNode, T> value)
            throws DamagedFileException {
        JsonNode object = field(
                name,
                node -> node.isObject() && stream(node).allMatch(test),
                "an object of " + kind,
                Function.identity());
        Map<String, T> map = new LinkedHashMap<>();
        if (object != null) {
            object.fields().forEachRemaining(entry -> map.put(entry.getKey(), value.apply(entry.getValue())));
        }
        return map;
    }

    private <T> T field(String name, Predicate<JsonNode> test, String kind, Function<JsonNode, T> value)
            throws DamagedFileException {
        JsonNode node = fields.path(name);
        if (node.isMissingNode() || node.isNull()) {
            return null;
        }
        if (!test.test(node)) {
            throw damaged(name, kind, node);
        }
        return value.apply(node);
    }

    private DamagedFileException damaged(String name, String expected, JsonNode found) {
        return damaged(name + ": expected " + expected + ", found " + Excerpt.of(found));
    }

    private static Stream<JsonNode> stream(JsonNode node) {
        return StreamSupport.stream(node.spliterator(), false);
    }

    private static boolean whole(JsonNode node) {
        return node.isIntegralNumber() && node.canConvertToLong();
    }

    private static boolean isNumber(JsonNode node) {
        return node.isNumber() || node.isTextual() && NOT_FINITE.contains(node.textValue());
    }

    private static double number(JsonNode node) {
        return node.isNumber() ? node.doubleValue() : Double.parseDouble(node.textValue());
    }

    private static String line(JsonProcessingException damage) {
        return Excerpt.line(damage.getOriginalMessage());
    }
}
