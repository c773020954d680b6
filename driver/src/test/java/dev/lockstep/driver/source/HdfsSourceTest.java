package dev.lockstep.driver.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lockstep.worker.failure.DataException;
import dev.lockstep.worker.model.Shape;
import java.io.IOException;
import java.nio.file.Path;
import java.security.PrivilegedAction;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.permission.FsPermission;
import org.apache.hadoop.hdfs.MiniDFSCluster;
import org.apache.hadoop.security.UserGroupInformation;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The same data set on a real HDFS (one name node, one data node) and on the local disk. */
class HdfsSourceTest {

    private static final Shape SHAPE = new Shape(1, IdxFiles.ROWS, IdxFiles.COLUMNS);

    @TempDir
    private static Path local;

    @TempDir
    private static Path storage;

    private static MiniDFSCluster cluster;
    private static FileSystem hdfs;

    @BeforeAll
    static void start() throws IOException {
        Configuration configuration = new Configuration();
        configuration.set(MiniDFSCluster.HDFS_MINIDFS_BASEDIR, storage.toString());
        cluster = new MiniDFSCluster.Builder(configuration).numDataNodes(1).build();
        hdfs = cluster.getFileSystem();
        IdxFiles.writeGzipped(local);
        copyTo("/data/gzipped");
        copyTo("/data/secret");
        for (String name : IdxFiles.all().keySet()) {
            assertThat(local.resolve(name + ".gz").toFile().delete()).isTrue();
        }
        IdxFiles.writePlain(local);
        copyTo("/data/plain");
        copyTo(hdfs.getHomeDirectory() + "/relative");
    }

    private static void copyTo(String directory) throws IOException {
        hdfs.mkdirs(new org.apache.hadoop.fs.Path(directory).getParent());
        hdfs.copyFromLocalFile(new org.apache.hadoop.fs.Path(local.toUri()), new org.apache.hadoop.fs.Path(directory));
    }

    @AfterAll
    static void stop() {
        if (cluster != null) {
            cluster.shutdown();
        }
    }

    private static Dataset open(String path, Configuration hadoop) {
        return IdxSource.open(path, SHAPE, IdxFiles.CLASSES, 0, 0, hadoop);
    }

    @Test
    void readsFromAnHdfsUrl() {
        String fingerprint = open(local.toString(), new Configuration()).fingerprint();
        for (String directory : new String[] {"/data/plain", "/data/gzipped"}) {
            Dataset data = open(hdfs.getUri() + directory, new Configuration());
            assertThat(data.fingerprint()).isEqualTo(fingerprint);
            IdxSourceTest.assertExamples(data.trainFiles().read(11, 44), 11, 44);
            IdxSourceTest.assertExamples(data.testFiles().read(0, 20), 0, 20);
        }
    }

    @Test
    void aPathWithoutASchemeIsOnTheDefaultFileSystem() {
        Configuration hadoop = new Configuration();
        hadoop.set("fs.defaultFS", hdfs.getUri().toString());
        IdxSourceTest.assertExamples(open("/data/plain", hadoop).trainFiles().read(1, 3), 1, 3);
        IdxSourceTest.assertExamples(open("relative", hadoop).trainFiles().read(1, 3), 1, 3);
        assertThatThrownBy(() -> open(local.toString(), hadoop))
                .isInstanceOf(DataException.class)
                .hasMessageContainingAll(hdfs.getUri().toString(), "found no such directory");
    }

    @Test
    void aFileOfSomeoneElseIsToldInOneLine() throws IOException {
        org.apache.hadoop.fs.Path secret =
                new org.apache.hadoop.fs.Path("/data/secret/" + IdxFiles.TRAIN_IMAGES + ".gz");
        hdfs.setPermission(secret, new FsPermission("600"));
        UserGroupInformation nobody = UserGroupInformation.createRemoteUser("nobody");
        assertThatThrownBy(() -> nobody.doAs(
                        (PrivilegedAction<Dataset>) () -> open(hdfs.getUri() + "/data/secret", new Configuration())))
                .isInstanceOf(DataException.class)
                .hasMessageStartingWith("cannot read hdfs://")
                .hasMessageContainingAll("Permission denied: user=nobody", "check its permissions")
                .hasMessageNotContaining("\n");
    }
}
