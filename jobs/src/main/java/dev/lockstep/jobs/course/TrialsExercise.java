package dev.lockstep.jobs.course;

import com.typesafe.config.Config;
import dev.lockstep.driver.config.RunConfig;
import dev.lockstep.driver.run.RunFolder;
import dev.lockstep.driver.run.RunRecord.Status;
import dev.lockstep.driver.source.Dataset;
import dev.lockstep.driver.sweep.Trial;
import dev.lockstep.driver.sweep.TrialResult;
import dev.lockstep.driver.sweep.TrialScheduler;
import dev.lockstep.jobs.course.Result.VariantResult;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * Each variant is a training run.
 *
 * @param histograms whether the report shows activations and gradients layer by layer
 * @param attention whether it shows what attention looks at
 * @param freeRun whether it shows how a series goes on by itself
 * @param analogies what the vectors of words that were learnt are asked; empty for nothing
 */
record TrialsExercise(Outline outline, boolean histograms, boolean attention, boolean freeRun, Analogies analogies)
        implements Exercise {
    /** What several variants that have become one are called. */
    private static final String TRY = "try";

    static TrialsExercise of(Outline outline, Config file) {
        return new TrialsExercise(
                outline, says(file, "histograms"), says(file, "attention"), says(file, "free-run"), Analogies.of(file));
    }

    private static boolean says(Config file, String key) {
        return file.hasPath(key) && file.getBoolean(key);
    }

    @Override
    public boolean trains() {
        return true;
    }

    @Override
    public List<Trial> trials(CoursePlan plan) {
        List<Trial> trials = new ArrayList<>();
        for (int repetition = 0; repetition < plan.seeds(this); repetition++) {
            for (Variant variant : variants(plan)) {
                RunConfig config = plan.config(this, variant, repetition);
                trials.add(new Trial(
                        config.name(),
                        Map.of("variant", variant.name(), "seed", Long.toString(config.seed())),
                        config));
            }
        }
        return trials;
    }

    @Override
    public Result run(Session session, Result begun) throws IOException {
        List<Trial> trials = trials(session.plan());
        String data = session.data(trials.get(0).config());
        List<VariantResult> variants = variants(session.plan()).stream()
                .map(variant -> result(variant, session.plan()))
                .toList();
        begun.withTrials(data, variants, List.of(), List.of(), List.of())
                .write(session.place()); // what is killed can be reported, too
        List<LayerHistogram> seen = new ArrayList<>();
        List<AttentionMap> maps = new ArrayList<>();
        List<FreeRun> runs = new ArrayList<>();
        List<TrialResult> all = session.scheduler().run(trials);
        for (TrialResult ended : all) {
            Trial trial = ended.trial();
            boolean first = trials.indexOf(trial) < variants.size();
            if (!first || ended.status() != Status.FINISHED || !histograms && !attention && !freeRun) {
                continue;
            }
            Dataset dataset = session.datasets().of(trial.config());
            RunFolder folder = TrialScheduler.folder(session.place(), trial);
            if (histograms) {
                seen.addAll(LayerHistogram.of(trial.name(), trial.config(), dataset, folder));
            }
            if (attention) {
                maps.addAll(AttentionMap.of(trial.name(), trial.config().network(), dataset, folder));
            }
            if (freeRun) {
                runs.add(FreeRun.of(trial.name(), dataset, folder));
            }
        }
        return begun.with(analogies.passages(session.place(), all)).withTrials(data, variants, seen, maps, runs);
    }

    /** Those that what was turned has made equal are one. */
    private List<Variant> variants(CoursePlan plan) {
        if (plan.overrides().stream().noneMatch(word -> outline().turns().contains(Exercise.key(word)))) {
            return variants();
        }
        Map<Config, Variant> distinct = new LinkedHashMap<>();
        int merged = 0;
        for (Variant variant : variants()) {
            Config settings = plan.config(this, variant, 0).resolved().withoutPath("name");
            Variant same = distinct.get(settings);
            if (same == null) {
                distinct.put(settings, variant);
            } else if (variants().contains(same)) {
                merged++;
                distinct.put(settings, new Variant(merged == 1 ? TRY : TRY + "-" + merged, Saw.NOTHING, same.with()));
            }
        }
        return List.copyOf(distinct.values());
    }

    private VariantResult result(Variant variant, CoursePlan plan) {
        return new VariantResult(
                variant.name(),
                variant.saw(),
                plan.config(this, variant, 0).resolved().root().unwrapped(),
                IntStream.range(0, plan.seeds(this))
                        .mapToObj(repetition -> Exercise.trialName(variant.name(), repetition))
                        .toList(),
                variant.along());
    }
}
