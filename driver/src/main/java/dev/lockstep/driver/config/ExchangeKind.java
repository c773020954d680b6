package dev.lockstep.driver.config;

/** How a step's shards are spread over the cluster and brought together; a question of speed, never of bits. */
public enum ExchangeKind {
    /** Tasks that run at the same time for many steps. */
    GANG,
    /** One Spark job a step. */
    JOB,
    /** One task runs every shard in turn. */
    LOCAL
}
