package dev.lockstep.jobs.cli;

import dev.lockstep.driver.run.ExitCode;
import dev.lockstep.driver.run.ModelFile;
import dev.lockstep.driver.run.RunFolder;
import dev.lockstep.driver.run.StoredJson;
import dev.lockstep.worker.dl4j.onnx.OnnxExport;
import dev.lockstep.worker.onnx.OnnxModel;
import dev.lockstep.worker.table.Fitted;
import java.io.IOException;
import java.util.concurrent.Callable;
import org.apache.spark.SparkConf;
import org.apache.spark.deploy.SparkHadoopUtil;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
        name = "export",
        description =
                "Writes a trained network as ONNX, for ONNX Runtime and whatever else reads that. It takes values as the"
                        + " network does (bytes divided by 255) and tells what predict tells.",
        mixinStandardHelpOptions = true)
final class ExportCommand implements Callable<Integer> {

    @Mixin
    private ModelChoice model;

    @Option(names = "--onnx", required = true, paramLabel = "FILE", description = "An ONNX file; must not exist.")
    private String onnx;

    @Override
    public Integer call() throws IOException {
        NewFile file = NewFile.at("--onnx", onnx);
        RunFolder place = model.place(SparkHadoopUtil.get().newConfiguration(new SparkConf()));
        model.refuseEnsemble(place, "export its members' runs");
        ModelFile.Contents contents = model.network(place);
        try (OnnxExport export = OnnxExport.of(
                model.toString(),
                contents.model(),
                contents.input(),
                contents.fitted().scaling(),
                contents.objective())) {
            Fitted fitted = contents.fitted();
            if (!fitted.words().isEmpty()) {
                export.metadata("words", StoredJson.line(fitted.words()));
            }
            if (!fitted.features().isEmpty()) {
                export.metadata("features", StoredJson.line(fitted.features()));
            }
            if (fitted.vocabulary() != null) {
                export.metadata("tokens", StoredJson.line(fitted.vocabulary().tokens()));
            }
            file.makeFolder();
            file.write(export::writeTo);
            System.out.println(export + " (ONNX, opset " + OnnxModel.OPSET + ") in " + onnx);
        }
        return ExitCode.DONE;
    }
}
