package dev.lockstep.jobs.it;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Where a process of this machine listens, as Linux tells it. */
public final class ListeningSockets {
    private static final String LISTEN = "0A";

    private ListeningSockets() {}

    /** The TCP sockets that a process of ours listens on, each as {@code address:port} in hexadecimal, by inode. */
    public static Map<String, String> of(ProcessHandle process) {
        Path proc = Path.of("/proc", String.valueOf(process.pid()));
        Map<String, String> found = new TreeMap<>();
        try (Stream<Path> open = Files.list(proc.resolve("fd"))) {
            Set<String> own = open.map(ListeningSockets::target).collect(Collectors.toSet());
            for (String table : List.of("net/tcp", "net/tcp6")) {
                for (String line : Files.readAllLines(proc.resolve(table))) {
                    String[] words = line.trim().split("\\s+");
                    if (words[3].equals(LISTEN) && own.contains("socket:[" + words[9] + "]")) {
                        found.put(words[9], words[1]);
                    }
                }
            }
        } catch (IOException e) {
            throw new AssertionError(e);
        }
        return found;
    }

    /** Whether an address of {@link #of} can be reached from this machine alone. */
    public static boolean isLoopback(String address) {
        return address.startsWith("0100007F:") // 127.0.0.1
                || address.startsWith("0000000000000000FFFF00000100007F:") // the same as IPv6
                || address.startsWith("00000000000000000000000001000000:"); // ::1
    }

    private static String target(Path link) {
        try {
            return Files.readSymbolicLink(link).toString();
        } catch (IOException e) {
            return ""; // closed meanwhile
        }
    }
}
