#!/usr/bin/env bash
# The real sizes of what the tests try with injected limits: bench/large-data.sh [data] [adam-178] [adam-268] [rows-5m] (all of them)
#   data      5 GB of IDX images over two slots: shuffled, a few steps, evaluated
#   adam-178  179 million parameters with Adam: three arrays of 0.7 GB, so that model.zip is above 2 GiB
#   adam-268  269 million: Adam's state alone is above 2 GiB
#   rows-5m   5 million rows (rows-500k, rows-20000: so many) learnt from once, as Parquet and as IDX, by two executors and a driver
#             of 1 GiB heap each (128 MiB of it for what is young in the driver, or its size depends on how long it runs): seconds,
#             examples/s, and what each process had in its heap after a collection and in memory;
#             KINDS=parquet takes the one kind only
# Needs about 20 GB of disk in TMPDIR and, for the models, 19 GB of memory. LOCKSTEP names another command than bin/lockstep.
set -euo pipefail

root=$(dirname "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")")
lockstep=${LOCKSTEP:-$root/bin/lockstep}
folder=$(mktemp -d)
trap 'kill $(jobs -p) 2>/dev/null; rm -rf "$folder"' EXIT

number() { # a big-endian int
    printf "\\x$(printf %02x $(($1 >> 24 & 255)))\\x$(printf %02x $(($1 >> 16 & 255)))\\x$(printf %02x $(($1 >> 8 & 255)))\\x$(printf %02x $(($1 & 255)))"
}

idx() { # folder, prefix, images of 28x28; the files are sparse: every pixel is 0, every label 0
    { number 0x803 && number "$3" && number 28 && number 28; } >"$1/$2-images-idx3-ubyte"
    truncate -s $((16 + $3 * 784)) "$1/$2-images-idx3-ubyte"
    { number 0x801 && number "$3"; } >"$1/$2-labels-idx1-ubyte"
    truncate -s $((8 + $3)) "$1/$2-labels-idx1-ubyte"
}

run() { # what, options of Java, arguments
    local what=$1 options=$2 began=$SECONDS
    shift 2
    LOCKSTEP_JAVA_OPTS="$options" "$lockstep" "$@" | tail -1
    echo "$what: $((SECONDS - began)) s"
}

data() {
    mkdir "$folder/large"
    idx "$folder/large" train 6377552
    idx "$folder/large" t10k 1000
    run "5 GB on two slots" "-Xmx8g -XX:+UseParallelGC" train --conf mlp --master 'local[2]' --quiet --out "$folder/data" \
        data.path="$folder/large" train.iterations=50
    rm -r "$folder/large" "$folder/data"
}

model() { # units of the two hidden layers, Java's heap; Spark's part of it holds a broadcast model, its copy goes to disk
    mkdir -p "$folder/small"
    idx "$folder/small" train 100
    idx "$folder/small" t10k 10
    local java="-Xmx$2 -Xmn256m -XX:+UseParallelGC -Dspark.memory.fraction=0.35 -Dspark.local.dir=$folder/spark"
    run "$1 units, 2 steps, checkpoints, model.zip" "$java" train --master 'local[1]' --quiet --out "$folder/model" \
        data.path="$folder/small" train.batch-size=4 train.shards=1 train.iterations=2 \
        train.checkpoint-every='1 step' optimizer.name=adam \
        "network.layers=[{type=dense,units=$1},{type=dense,units=$1},{type=output}]"
    ls -l "$folder/model/model.zip" "$folder"/model/checkpoints/*/*.f32 | awk '{print $5, $9}' | sed "s#$folder/##"
    run "$1 units, resumed" "$java" train --master 'local[1]' --quiet --resume --out "$folder/model" train.iterations=3
    run "$1 units, evaluated" "$java" evaluate --master 'local[1]' --model "$folder/model"
    rm -r "$folder/model"
}

watched() { # where to write: the largest memory, in MiB, of each process that has our folder among its words
    while sleep 1; do
        ps -C java -o pid,rss,args | awk -v folder="$folder" \
            'index($0, folder) { print $1, int($2 / 1024), (/CoarseGrainedExecutorBackend/ ? "executor" : "driver") }' >>"$1" || true
    done
}

memory() { # what was watched, folder of the logs of collections
    sort -k1,1 -k2,2nr "$1" | awk '!seen[$1]++ { print "  " $3, $1 ":", $2, "MiB resident at most" }'
    local log
    for log in "$2"/*.gc; do
        echo "  $(basename "$log" .gc): $(grep -o '[0-9]*M->[0-9]*M([0-9]*M)' "$log" | sed 's/.*->\([0-9]*\)M(.*/\1/' | sort -n | tail -1)" \
            "MiB of heap after a collection at most"
    done
}

rows() { # how many
    local data=$folder/rows watch kind settings
    run "$1 rows made" "-Xmx4g -XX:+UseParallelGC" table-data --rows "$1" --out "$data"
    for kind in ${KINDS:-parquet idx}; do
        settings=(data.path="$data/idx")
        [[ $kind == parquet ]] && settings=(data.format=parquet data.path="$data/train.parquet"
            data.test-path="$data/test.parquet" data.columns.id=id)
        mkdir -p "$folder/gc-$kind"
        watched "$folder/watched-$kind" &
        watch=$!
        cat >"$folder/options" <<-END
		-Xmx1g -Xmn128m -XX:+UseParallelGC -Xlog:gc:file=$folder/gc-$kind/driver-%p.gc
		-Dspark.executor.memory=1g -Dspark.local.dir=$folder/spark
		"-Dspark.executor.extraJavaOptions=-Xlog:gc:file=$folder/gc-$kind/executor-%p.gc"
		END
        run "$1 rows, $kind" "@$folder/options" \
            train --conf mlp --master 'local-cluster[2,1,1024]' --quiet --out "$folder/run-$kind" \
            train.epochs=1 "${settings[@]}"
        kill "$watch"
        grep -o '"\(examples_per_second\|training_seconds\|parameters_sha256\)" *: *[^,}]*' "$folder/run-$kind/run.json" | sed 's/^/  /'
        memory "$folder/watched-$kind" "$folder/gc-$kind"
    done
    rm -r "$data" "$folder"/run-* "$folder"/gc-* "$folder"/watched-*
}

for part in ${*:-data adam-178 adam-268 rows-5m}; do
    case $part in
        data) data ;;
        adam-178) model 13000 9g ;;
        adam-268) model 16000 13g ;;
        rows-*)
            count=${part#rows-}
            count=${count/%m/000000}
            rows "${count/%k/000}"
            ;;
        *) echo "unknown: $part; expected data, adam-178, adam-268 or rows-5m" >&2 && exit 2 ;;
    esac
done
