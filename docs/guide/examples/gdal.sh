#!/bin/sh
# GDAL reads the service as OGC API Features: gdal.sh [ADDRESS] [FOLDER]
set -eu
base=${1:-http://127.0.0.1:8080}
out=${2:-.}

# the layers; then one of them, filtered by the service, as a GeoPackage in metres
ogrinfo -so "OAPIF:$base"
ogr2ogr "$out/robot-plane.gpkg" "OAPIF:$base" enterprises -where "cluster = 'robot'" -t_srs EPSG:4549
ogrinfo -so "$out/robot-plane.gpkg" enterprises
