#!/usr/bin/env bash
# Builds every fuzz target into $OUT, each with its corpus and its dictionary. $FUZZ_FLAGS are for cargo-fuzz, for example
# `-s none`; the image sets the rest.
set -euo pipefail
cd "${SRC:?}/grantcheck"
# shellcheck disable=SC2086
cargo fuzz build -O ${FUZZ_FLAGS:-}
triple=$(rustc -vV | sed -n 's/^host: //p')
for file in fuzz/fuzz_targets/*.rs; do
  name=$(basename "$file" .rs)
  cp "fuzz/target/$triple/release/$name" "${OUT:?}/"
  (cd "fuzz/corpus/$name" && python3 -m zipfile -c "$OUT/${name}_seed_corpus.zip" ./*)
  if [ -e "fuzz/dictionaries/$name.dict" ]; then cp "fuzz/dictionaries/$name.dict" "$OUT/"; fi
done
