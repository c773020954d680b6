#!/usr/bin/env bash
# What people wait for who look: bench/report-page.sh [SECONDS]
#   the report of 100,000 lines of metrics: its size, and until Chromium has laid it out, beside an empty page; medians of 7
#   a live page: the part of a core that `lockstep watch` and Chromium take while they follow a run, over SECONDS (60)
#   start-up: summary, train --dry-run, and what does not train; medians of 7
# Needs chromium and a quiet machine. LOCKSTEP names another command than bin/lockstep.
set -euo pipefail

root=$(dirname "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")")
lockstep=${LOCKSTEP:-$root/bin/lockstep}
folder=$(mktemp -d)
trap 'kill $(jobs -p) 2>/dev/null; wait 2>/dev/null; rm -rf "$folder"' EXIT
chromium=(chromium --headless --no-sandbox --disable-gpu --user-data-dir="$folder/profile")

median() { # command: seconds, of 7
    local i
    for i in 1 2 3 4 5 6 7; do
        /usr/bin/env bash -c 'TIMEFORMAT=%R; time "$@" >/dev/null 2>&1' _ "$@" 2>&1
    done | sort -n | sed -n 4p
}

ticks() { # the processor time of a process and all below it, in 1/100 s
    local pid all
    all=$(pgrep -P "$1" || true)
    { [[ -r /proc/$1/stat ]] && sed 's/.*) //' "/proc/$1/stat" | awk '{ print $12 + $13 }'
      for pid in $all; do ticks "$pid"; done; } | awk '{ sum += $1 } END { print sum + 0 }'
}

echo "start-up, seconds:"
for words in "--version" "-h" "course list" "summary --conf lenet" "train --dry-run --conf lenet"; do
    echo "  lockstep $words: $(median "$lockstep" $words)"
done

"$lockstep" train --conf mlp --quiet --out "$folder/run" train.iterations=200 train.evaluate-every='100 iterations'
grep '"split":"train"' "$folder/run/metrics.jsonl" | awk '
    { lines[NR] = $0 }
    END {
        for (step = 1; step <= 100000; step++) {
            line = lines[1 + (step - 1) % NR]
            sub(/"step":[0-9]+/, "\"step\":" step, line)
            print line
        }
    }' >"$folder/metrics.jsonl"
mv "$folder/metrics.jsonl" "$folder/run/metrics.jsonl"
"$lockstep" report "$folder/run"
echo '<!DOCTYPE html><title>nothing</title>' >"$folder/empty.html"
echo "report of $(wc -l <"$folder/run/metrics.jsonl") lines: $(stat -c %s "$folder/run/report.html") bytes;" \
    "in Chromium $(median "${chromium[@]}" --dump-dom "file://$folder/run/report.html") s," \
    "an empty page $(median "${chromium[@]}" --dump-dom "file://$folder/empty.html") s"

"$lockstep" train --conf lenet --master 'local[1]' --quiet --out "$folder/live" train.epochs=1000 &
training=$!
until [[ -s $folder/live/metrics.jsonl ]]; do sleep 1; done
"$lockstep" watch "$folder/live" >"$folder/watching" &
watching=$!
until grep -q http "$folder/watching"; do sleep 1; done
address=$(grep -o 'http[^ ]*' "$folder/watching")
"${chromium[@]}" --remote-debugging-port=0 "$address" >/dev/null 2>&1 &
browser=$!
sleep 20 # both have started
seconds=${1:-60}
served=$(ticks $watching) shown=$(ticks $browser)
sleep "$seconds"
echo "live page, percent of a core over $seconds s:" \
    "watch $(awk "BEGIN { print ($(ticks $watching) - $served) / $seconds }")," \
    "Chromium $(awk "BEGIN { print ($(ticks $browser) - $shown) / $seconds }")"
kill -INT $training
