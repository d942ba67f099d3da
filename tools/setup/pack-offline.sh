#!/usr/bin/env bash
# pack-offline.sh OUT [PART_BYTES] [CUDA_FOLDER]
#
# Packs what this project needs beside its sources for a machine that reaches nothing, Linux x86-64: packages without those for
# development, Node, the Temporal server, the base models of this machine's cache, and, if a folder is given, the libraries of onnxruntime's
# CUDA provider in it (libonnxruntime_providers_*.so, see docs/deploy.md). All of it in parts of PART_BYTES at most (default 1 GB), for ways that take no more.
#
# There, in a copy of the sources: bash OUT/unpack.sh, with all parts in OUT or brought one after the other. Then: . OUT/environment
set -euo pipefail
[ $# -ge 1 ] || { sed -n '2,9s/^# \{0,1\}//p' "$0"; exit 2; }
root=$(cd "$(dirname "$0")/../.." && pwd)
mkdir -p "$1"
out=$(cd "$1" && pwd)
part_bytes=${2:-1000000000}
cuda=${3:-}
level=${XZ_LEVEL:-5}
cache=${OVERTURE_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/overture}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
say() { echo "pack-offline: $*" >&2; }

temporal=$(find "$cache/temporal" -name temporal -type f 2>/dev/null | sort | tail -1)
[ -n "$temporal" ] || { say "no Temporal server in $cache/temporal: run npm run demo once on this machine"; exit 1; }

say "packages, without those for development"
(cd "$root" && git ls-files package.json package-lock.json .npmrc '*/package.json' | tar -T - -cf -) | tar -C "$work" -xf -
(cd "$work" && npm ci --omit=dev --loglevel=error >&2)
find "$work/node_modules/onnxruntime-node/bin" -mindepth 2 -maxdepth 3 -type d \( -name darwin -o -name win32 -o -path '*/linux/arm64' \) -prune -exec rm -rf {} +
find "$work/node_modules/@temporalio/core-bridge/releases" -mindepth 1 -maxdepth 1 -type d ! -name x86_64-unknown-linux-gnu -exec rm -rf {} +

rm -f "$out"/*.part[0-9]* "$out"/*.parts
pack() { # NAME: standard input, in parts, and how many there are
  split -b "$part_bytes" -d -a 3 - "$out/$1.part"
  ls "$out/$1".part* | wc -l > "$out/$1.parts"
  say "$1: $(cat "$out/$1.parts") part(s)"
}
tar -C "$work" -cf - node_modules | xz -T0 "-$level" | pack modules.tar.xz
xz -T0 "-$level" -c "$root/node_modules/node/bin/node" | pack node.xz
xz -T0 "-$level" -c "$temporal" | pack temporal.xz
tar -C "$cache" -cf - models | pack models.tar
[ -z "$cuda" ] || tar -C "$cuda" -hcf - $(cd "$cuda" && ls libonnxruntime_providers_cuda.so libonnxruntime_providers_shared.so) | xz -T0 "-$level" | pack cuda.tar.xz

cat > "$out/environment" <<'ENV'
# To be sourced by bash: this Node and this Temporal server first, nothing fetched.
export PATH=${OVERTURE_OFFLINE:-$HOME/.cache/overture/offline}/bin:$PATH HF_HUB_OFFLINE=1
ENV
cat > "$out/unpack.sh" <<'UNPACK'
#!/usr/bin/env bash
# unpack.sh, in the folder of the sources: unpacks what is whole and was not yet; says what is still to come.
here=$(cd "$(dirname "$0")" && pwd)
place=${OVERTURE_OFFLINE:-$HOME/.cache/overture/offline}
mkdir -p "$place/bin" "$place/done"
set -o pipefail
unxz() { if command -v xz > /dev/null; then xz -dc; else python3 -c 'import lzma,sys,shutil; shutil.copyfileobj(lzma.open(sys.stdin.buffer), sys.stdout.buffer)'; fi; }
whole() { [ -f "$here/$1.parts" ] && [ "$(ls "$here/$1".part[0-9]* 2>/dev/null | wc -l)" -eq "$(cat "$here/$1.parts")" ]; }
unpack() { # NAME COMMAND…: standard input is the joined parts
  local name=$1; shift
  [ -e "$place/done/$name" ] && return
  if ! whole "$name"; then echo "still to come: $name"; return; fi
  cat $(ls "$here/$name".part[0-9]* | sort) | "$@" && touch "$place/done/$name" && echo "unpacked: $name"
}
program() { unxz > "$place/bin/$1.new" && chmod +x "$place/bin/$1.new" && mv "$place/bin/$1.new" "$place/bin/$1"; }
modules() { unxz | tar -xf -; }
models() { mkdir -p "$HOME/.cache/overture" && tar -C "$HOME/.cache/overture" -xf -; }
cuda() { unxz | tar -C node_modules/onnxruntime-node/bin/napi-v6/linux/x64 -xf -; }
unpack node.xz program node & unpack temporal.xz program temporal & unpack models.tar models & unpack modules.tar.xz modules &
wait
if [ -f "$here/cuda.tar.xz.parts" ] || ls "$here"/cuda.tar.xz.part* > /dev/null 2>&1; then
  if [ -d node_modules/onnxruntime-node ]; then unpack cuda.tar.xz cuda; else echo 'still to come: cuda.tar.xz, after modules.tar.xz'; fi
fi
# 1: something is still to come, or was broken and has said so
for name in node.xz temporal.xz models.tar modules.tar.xz; do [ -e "$place/done/$name" ] || exit 1; done
UNPACK
say "done: $(du -sh "$out" | cut -f1) in $out"
