#!/bin/sh
# Questions to a running service by curl: requests.sh [ADDRESS] [FOLDER for the files]
set -eu
base=${1:-http://127.0.0.1:8080}
out=${2:-.}

# ANCHOR: look
# what there is: the tables and layers, their periods, metrics and kinds of zones
curl -sf "$base/collections?f=json"
curl -sf "$base/dataset"
curl -sf "$base/zones?kind=district"
# ANCHOR_END: look

# ANCHOR: sum
# one zone, one year, under a condition (CQL2)
curl -sf -G "$base/summary" --data-urlencode "zone=330108" --data-urlencode "year=2025" \
  --data-urlencode "filter=cluster = 'vision' AND revenue_2025 > 2000"
# an area of one's own: a circle, a polygon, what lies around a feature
curl -sf "$base/summary" -H 'content-type: application/json' \
  -d '{"circle": {"center": [120.2, 30.2], "radius_m": 3000}, "year": 2025}'
curl -sf "$base/summary" -H 'content-type: application/json' \
  -d '{"polygon": {"type": "Polygon", "coordinates": [[[120.1, 30.2], [120.2, 30.2], [120.2, 30.3], [120.1, 30.2]]]}}'
# ANCHOR_END: sum

# ANCHOR: rows
# rows by page, and all that match as one file
curl -sf "$base/collections/enterprises/items?f=json&limit=10&sortby=-revenue_2025&cluster=robot"
curl -sf -o "$out/robot.csv" "$base/collections/enterprises/items?f=csv&cluster=robot"
curl -sf -o "$out/robot.gpkg" "$base/collections/enterprises/items?f=gpkg&cluster=robot"
# ANCHOR_END: rows

# ANCHOR: files
# a map and a report
curl -sf -o "$out/map.svg" "$base/map?zone=330108&legend=true&f=svg"
curl -sf -o "$out/report.xlsx" "$base/report/330108?format=xlsx"
# ANCHOR_END: files

# ANCHOR: errors
# what is wrong is said in both languages (RFC 9457)
curl -s "$base/summary?zone=nowhere"
# ANCHOR_END: errors
