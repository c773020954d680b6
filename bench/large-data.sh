#!/usr/bin/env bash
# The real sizes of what the tests try with injected limits: bench/large-data.sh [data] [adam-178] [adam-268] (all of them)
#   data      5 GB of IDX images over two slots: shuffled, a few steps, evaluated
#   adam-178  179 million parameters with Adam: three arrays of 0.7 GB, so that model.zip is above 2 GiB
#   adam-268  269 million: Adam's state alone is above 2 GiB
# Needs about 20 GB of disk in TMPDIR and, for the models, 19 GB of memory. LOCKSTEP names another command than bin/lockstep.
set -euo pipefail

root=$(dirname "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")")
lockstep=${LOCKSTEP:-$root/bin/lockstep}
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

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

for part in ${*:-data adam-178 adam-268}; do
    case $part in
        data) data ;;
        adam-178) model 13000 9g ;;
        adam-268) model 16000 13g ;;
        *) echo "unknown: $part; expected data, adam-178 or adam-268" >&2 && exit 2 ;;
    esac
done
