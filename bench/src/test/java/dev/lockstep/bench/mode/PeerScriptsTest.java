package dev.lockstep.bench.mode;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The programs that the documents measure beside us are here. */
class PeerScriptsTest {
    private static final Path PEERS = Path.of("..", "bench", "peers");
    private static final Pattern SCRIPT = Pattern.compile("(bench/peers/)?\\b(\\w+[.]py)\\b");

    @Test
    void everyPeerThatADocumentNamesIsInTheRepository() throws IOException {
        Set<String> named = new TreeSet<>();
        String document = Files.readString(Path.of("..", "docs", "performance.md"));
        SCRIPT.matcher(document).results().forEach(match -> {
            assertThat(match.group(1)).as("where is %s?", match.group(2)).isEqualTo("bench/peers/");
            named.add(match.group(2));
        });
        assertThat(named)
                .contains("pytorch_train.py", "pytorch_forward.py")
                .allSatisfy(name -> assertThat(PEERS.resolve(name)).isExecutable());
    }

    @Test
    void everyPeerSpeaksTheProtocolForEveryNetwork() throws IOException {
        try (Stream<Path> scripts = Files.list(PEERS)) {
            for (Path script :
                    (Iterable<Path>) scripts.filter(file -> file.toString().endsWith(".py"))::iterator) {
                assertThat(Files.readString(script))
                        .as("%s", script)
                        .contains("default=\"lenet\", type=known", "\"--processes\"", "\"--batch\"")
                        .contains("\"peer\": \"pytorch\"", "\"exchange\": ", "\"examples_per_second\": ");
            }
        }
    }

    @Test
    void theyKnowTheNetworksThatBenchKnows() throws IOException {
        assertThat(Files.readString(PEERS.resolve("pytorch_forward.py")))
                .contains("[\"lenet\", \"lenet-bn\", \"deep\"]", "(lstm|gru|transformer)-");
    }

    @Test
    void trainingIsMeasuredWithAndWithoutExchangeOnTheFastestCore() throws IOException {
        assertThat(Files.readString(PEERS.resolve("pytorch_train.py")))
                .contains("DistributedDataParallel(net)", "\"--independent\"", "\"ddp-gloo\"")
                .contains("environment[\"OPENBLAS_CORETYPE\"] = core", "max(tried, key=tried.get)", "\"core\": best");
    }
}
