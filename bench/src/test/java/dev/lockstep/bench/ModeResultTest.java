package dev.lockstep.bench;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ModeResultTest {
    private static final ModeResult COMPUTE =
            new ModeResult("lenet", "compute", "none", "local[2]", 2, 128, 2000, 64, 0);
    private static final ModeResult STOCK =
            new ModeResult("lenet", "stock-dl4j", "averaging", "local[2]", 2, 128, 250, 512, Double.NaN);
    private static final ModeResult LOCKSTEP =
            new ModeResult("lenet", "lockstep", "job", "local[2]", 2, 128, 1000, 128, 60.25);

    @Test
    void jsonHasTheFieldsOfTheContractAndReplacesAnOlderFile(@TempDir Path folder) throws IOException {
        Path file = folder.resolve("new/bench.json");
        ModeResult.write(List.of(), file);
        ModeResult.write(List.of(LOCKSTEP, STOCK), file);

        JsonNode array = new ObjectMapper().readTree(file.toFile());
        assertThat(array).hasSize(2);
        assertThat(array.get(0))
                .isEqualTo(new ObjectMapper()
                        .readTree("{\"network\":\"lenet\",\"mode\":\"lockstep\",\"exchange\":\"job\","
                                + "\"master\":\"local[2]\",\"tasks\":2,\"batch\":128,\"examples_per_second\":1000.0,"
                                + "\"step_ms\":128.0,\"exchange_ms\":60.25}"));
        assertThat(array.get(1).get("exchange_ms").isNull()).isTrue();
        try (var left = Files.list(file.getParent())) {
            assertThat(left).containsExactly(file);
        }
    }

    @Test
    void theTableComparesWithTheBoundAndTheBaseline() {
        String rows = ResultTable.rows(List.of(COMPUTE, LOCKSTEP, STOCK));

        assertThat(rows.lines().map(line -> line.trim().replaceAll(" +", " ")))
                .containsExactly(
                        "lenet compute none 2 128 2000 64.00 0.00 1.000 8.00",
                        "lenet lockstep job 2 128 1000 128.00 60.25 0.500 4.00",
                        "lenet stock-dl4j averaging 2 128 250 512.00 - 0.125 1.00");
    }
}
