package dev.lockstep.jobs.it;

import dev.lockstep.jobs.DocumentedProgram;
import java.io.IOException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import org.apache.spark.sql.SparkSession;

/** The README's program of spark.ml, somewhat shorter, as its user's build would leave it: a jar without ours. */
final class DocumentedJar {
    private final Path jar;
    private final String told;

    /** @param folder takes the jar, and what the program reads and writes */
    DocumentedJar(Path folder) throws IOException {
        this.jar = folder.resolve("program.jar");
        DocumentedProgram.of(Path.of("..", "README.md"), "java")
                .in(folder)
                .shorter()
                .compileJava(folder);
        try (JarOutputStream entries = new JarOutputStream(Files.newOutputStream(jar))) {
            entries.putNextEntry(new JarEntry("Program.class"));
            Files.copy(folder.resolve("Program.class"), entries);
        }
        try (SparkSession spark = SparkSession.builder()
                        .master("local[2]")
                        .config("spark.ui.enabled", "false")
                        .config("spark.driver.host", "127.0.0.1")
                        .getOrCreate();
                URLClassLoader loader = new URLClassLoader(
                        new URL[] {folder.toUri().toURL()}, getClass().getClassLoader())) {
            spark.read()
                    .option("header", "true")
                    .option("inferSchema", "true")
                    .csv("src/main/resources/data/iris/iris.csv")
                    .write()
                    .parquet(folder.resolve("iris.parquet").toString());
            Class<?> program = loader.loadClass("Program");
            Object made = program.getMethod("run").invoke(null);
            this.told = (String) program.getMethod("told", Object[].class).invoke(null, made);
        } catch (ReflectiveOperationException e) {
            throw new AssertionError(e);
        }
    }

    Path jar() {
        return jar;
    }

    /** What it says at its end in this JVM. */
    String told() {
        return told;
    }
}
