package dev.lockstep.driver.run;

import dev.lockstep.driver.state.Provenance;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;

/**
 * {@code run.json}: what a run is and how it went; rewritten whole at each change. What is not known yet, or not to the
 * version that wrote the file, is null.
 *
 * @param place where it runs
 * @param progress how far it came
 * @param provenance what computed its steps
 * @param product what it trained
 */
public record RunRecord(
        Ending ending, Identity identity, Place place, Progress progress, Provenance provenance, Product product) {
    public static final String FILE = "run.json";

    /** How a run stands. */
    public enum Status {
        RUNNING,
        FINISHED,
        FAILED,
        DIVERGED,
        INTERRUPTED,
        /** A file says nothing, or a word that this version does not know. */
        UNKNOWN;

        static Status of(String word) {
            for (Status status : values()) {
                if (status.word().equals(word)) {
                    return status;
                }
            }
            return UNKNOWN;
        }

        /** As files have it. */
        public String word() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /**
     * What a run is.
     *
     * @param version of Lockstep
     * @param runId a UUID, kept when it is resumed
     * @param name of the configuration
     * @param command what the user typed
     * @param started when it was begun first
     * @param startParametersSha256 of the model that it began from; null where that was chance
     * @param teacherParametersSha256 of the model that it learns from, too; null where there is none
     */
    public record Identity(
            String version,
            String runId,
            String name,
            String command,
            Long seed,
            String started,
            Integer shards,
            Integer batchSize,
            String startParametersSha256,
            String teacherParametersSha256) {}

    /** @param tasks at the start */
    public record Place(String sparkMaster, String sparkApplicationId, Integer tasks, Long parameters) {}

    /**
     * @param steps done
     * @param epochs done, with a fraction
     * @param trainingSeconds of this start alone; {@code examplesPerSecond} likewise
     * @param optimizerSteps how several executors took them: {@code sharded} or {@code replicated}; null where there were none
     */
    public record Progress(
            Long steps, Double epochs, Double trainingSeconds, Double examplesPerSecond, String optimizerSteps) {}

    /**
     * @param modelStep how many steps made the model
     * @param test what the model shows on the test split, by name
     * @param needsLockstep whether DL4J needs our jar to read the model
     * @param optimizer DL4J's name for the optimizer in the model's file
     * @param optimizerExact whether that one is ours to the bit
     */
    public record Product(
            Long modelStep,
            Map<String, Double> test,
            String parametersSha256,
            String optimizerSha256,
            Boolean needsLockstep,
            String optimizer,
            Boolean optimizerExact) {}

    /** Of a run that has begun. */
    public static RunRecord of(Identity identity) {
        return new RunRecord(
                Ending.NONE,
                identity,
                new Place(null, null, null, null),
                new Progress(null, null, null, null, null),
                Provenance.NONE,
                new Product(null, Map.of(), null, null, null, null, null));
    }

    public RunRecord with(Ending now) {
        return new RunRecord(now, identity, place, progress, provenance, product);
    }

    public RunRecord with(Place now) {
        return new RunRecord(ending, identity, now, progress, provenance, product);
    }

    public RunRecord with(Progress now) {
        return new RunRecord(ending, identity, place, now, provenance, product);
    }

    public RunRecord with(Provenance now) {
        return new RunRecord(ending, identity, place, progress, now, product);
    }

    public RunRecord with(Product now) {
        return new RunRecord(ending, identity, place, progress, provenance, now);
    }

    /**
     * @return null when the folder has none
     * @throws DamagedFileException when it is not what is written here
     */
    public static RunRecord read(RunFolder folder) throws IOException {
        StoredJson json = StoredJson.read(folder, FILE);
        return json == null ? null : of(json);
    }

    private static RunRecord of(StoredJson json) throws DamagedFileException {
        List<Provenance.Stretch> before = new ArrayList<>();
        for (StoredJson stretch : json.objects("arithmetic_before")) {
            before.add(new Provenance.Stretch(
                    stretch.text("arithmetic"), Objects.requireNonNullElse(stretch.whole("to_step"), 0L)));
        }
        List<Provenance.Fault> faults = new ArrayList<>();
        for (StoredJson fault : json.objects("audit_faults")) {
            faults.add(new Provenance.Fault(
                    Objects.requireNonNullElse(fault.whole("step"), 0L),
                    Objects.requireNonNullElse(fault.count("shard"), 0),
                    fault.text("executor"),
                    fault.text("host")));
        }
        return new RunRecord(
                Ending.of(json),
                new Identity(
                        json.text("version"),
                        json.text("run_id"),
                        json.text("name"),
                        json.text("command"),
                        json.whole("seed"),
                        json.text("started"),
                        json.count("shards"),
                        json.count("batch_size"),
                        json.text("start_parameters_sha256"),
                        json.text("teacher_parameters_sha256")),
                new Place(
                        json.text("spark_master"),
                        json.text("spark_application_id"),
                        json.count("tasks"),
                        json.whole("parameters")),
                new Progress(
                        json.whole("steps"),
                        json.number("epochs"),
                        json.number("training_seconds"),
                        json.number("examples_per_second"),
                        json.text("optimizer_steps")),
                new Provenance(json.text("arithmetic"), before, faults),
                new Product(
                        json.whole("model_step"),
                        json.numbersFrom("test_"),
                        json.text("parameters_sha256"),
                        json.text("optimizer_sha256"),
                        json.truth("model_needs_lockstep"),
                        json.text("model_optimizer"),
                        json.truth("model_optimizer_exact")));
    }

    public void write(RunFolder folder) throws IOException {
        folder.write(FILE, StoredJson.file(facts()));
    }

    /** The fields of the file that have values, and {@code exit_code}, in the file's order. */
    public Map<String, Object> facts() {
        Map<String, Object> facts = new LinkedHashMap<>();
        facts.put("version", identity.version());
        facts.put("run_id", identity.runId());
        facts.put("name", identity.name());
        facts.put("command", identity.command());
        facts.put("seed", identity.seed());
        facts.put("started", identity.started());
        facts.put("shards", identity.shards());
        facts.put("batch_size", identity.batchSize());
        facts.put("start_parameters_sha256", identity.startParametersSha256());
        facts.put("teacher_parameters_sha256", identity.teacherParametersSha256());
        facts.put("spark_master", place.sparkMaster());
        facts.put("spark_application_id", place.sparkApplicationId());
        facts.put("tasks", place.tasks());
        facts.put("parameters", place.parameters());
        facts.put("steps", progress.steps());
        facts.put("epochs", progress.epochs());
        facts.put("training_seconds", progress.trainingSeconds());
        facts.put("examples_per_second", progress.examplesPerSecond());
        facts.put("optimizer_steps", progress.optimizerSteps());
        facts.put("arithmetic", provenance.arithmetic());
        facts.put("arithmetic_before", before());
        facts.put("audit_faults", faults());
        facts.put("model_step", product.modelStep());
        product.test().forEach((name, value) -> facts.put("test_" + name, value));
        facts.put("parameters_sha256", product.parametersSha256());
        facts.put("optimizer_sha256", product.optimizerSha256());
        facts.put("model_needs_lockstep", product.needsLockstep());
        facts.put("model_optimizer", product.optimizer());
        facts.put("model_optimizer_exact", product.optimizerExact());
        return ending.around(facts);
    }

    /** null for none. */
    private List<Map<String, Object>> before() {
        return provenance.before().isEmpty()
                ? null
                : provenance.before().stream()
                        .map(stretch -> {
                            Map<String, Object> facts = new LinkedHashMap<>();
                            facts.put("arithmetic", stretch.arithmetic());
                            facts.put("to_step", stretch.toStep());
                            return facts;
                        })
                        .toList();
    }

    /** null for none. */
    private List<Map<String, Object>> faults() {
        return provenance.faults().isEmpty()
                ? null
                : provenance.faults().stream()
                        .map(fault -> {
                            Map<String, Object> facts = new LinkedHashMap<>();
                            facts.put("step", fault.step());
                            facts.put("shard", fault.shard());
                            facts.put("executor", fault.executor());
                            facts.put("host", fault.host());
                            return facts;
                        })
                        .toList();
    }
}
