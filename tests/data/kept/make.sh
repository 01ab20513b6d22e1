#!/bin/sh
# How tests/data/kept/NNN was made: the data folder as the program of that schema leaves it, with a version, an account, a link and a
# saved area. A folder is made once, by the program of its time, and never again: tests/data/kept/make.sh PROGRAM 011
set -eu
program=$1 here=$(cd "$(dirname "$0")" && pwd)
folder=$here/$2 city=$here/../tinyville work=$(mktemp -d)
export SHIGU_GEODATA="$city" SHIGU_DATA_DIR="$folder" SHIGU_CONFIG="" SHIGU_LOG=warn

printf '企业名称,区县,集群,经度,纬度\n测试一号,T01,vision,120.01,30.01\n测试二号,T02,robot,120.11,30.01\n' > "$work/rows.csv"
mkdir -p "$folder"
"$program" import "$work/rows.csv" --crs wgs84 --note '升级前的版本'
"$program" serve --listen 127.0.0.1:18999 --accounts > "$work/out" 2> "$work/err" &
serving=$!
until grep -q . "$work/out"; do sleep 0.1; done
token=$(grep -o 'claim=[0-9a-f]*' "$work/err" | cut -d= -f2)
ask() { curl -sf -b "$work/jar" -c "$work/jar" -H 'Content-Type: application/json' "http://127.0.0.1:18999$1" -d "$2"; echo; }
ask /session/claim "{\"token\":\"$token\",\"name\":\"管理员\",\"password\":\"一个够长的口令 1234\"}"
ask /links '{"target":"?zone=T01"}'
ask /saved '{"kind":"area","title":"升级前的区域","body":{"zone":"T01"}}'
kill "$serving"
wait "$serving" || true
rm -rf "$work" "$folder/incoming" "$folder/reports"
find "$folder" -name '.*' -type f -delete
