"""QGIS, without a screen: opens the service's project and its layers, filters, and paints a PNG. `make clients-qgis` runs it, and leaves the pictures in target/clients.

Usage: in_qgis.py BASE FOLDER (run.py starts it with Debian's own Python, which has the bindings).
"""
import os
import sys

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
from qgis.core import (  # noqa: E402
    QgsApplication, QgsFeatureRequest, QgsMapRendererParallelJob, QgsMapSettings, QgsProject, QgsRectangle, QgsVectorLayer,
)
from qgis.PyQt.QtCore import QSize  # noqa: E402


def paint(layers, extent, crs, file):
    """Paints layers and says how many colours came out."""
    settings = QgsMapSettings()
    settings.setLayers(layers)
    settings.setDestinationCrs(crs)
    settings.setExtent(extent)
    settings.setOutputSize(QSize(1200, 900))
    settings.setBackgroundColor(QgsProject.instance().backgroundColor())
    job = QgsMapRendererParallelJob(settings)
    job.start()
    job.waitForFinished()
    errors = [f"{e.layerID}: {e.message}" for e in job.errors()]
    assert not errors, errors
    image = job.renderedImage()
    image.save(file)
    return {image.pixel(x, y) for x in range(0, 1200, 2) for y in range(0, 900, 2)}


def main(base, folder):
    app = QgsApplication([], False)
    app.initQgis()
    project = QgsProject.instance()
    assert project.read(f"{folder}/shigu.qgs"), project.error()
    layers = project.mapLayers()
    broken = [layer.name() for layer in layers.values() if not layer.isValid()]
    assert not broken, f"QGIS cannot open {broken}"
    tiles = layers["shigu-vector-tiles"]
    styles = tiles.renderer().styles()
    assert len(styles) > 20 and all(s.symbol() and s.symbol().symbolLayerCount() for s in styles)
    assert len(tiles.labeling().styles()) > 3
    crs = project.crs()
    assert crs.authid() == "EPSG:3857"
    city = QgsRectangle(13170000, 3390000, 13445000, 3590000)
    centre = QgsRectangle(13350000, 3520000, 13390000, 3550000)
    near = QgsRectangle(13367000, 3534000, 13375000, 3540000)
    for name, extent in (("city", city), ("centre", centre), ("near", near)):
        colours = paint([tiles], extent, crs, f"{folder}/tiles-{name}.png")
        assert len(colours) > 20, f"{name}: the tiles came out in {len(colours)} colours"
    # near by the enterprises are there, in the colours of their clusters
    clusters = {s.symbol().color().rgb() for s in styles if s.layerName() == "enterprises" and "'" in s.filterExpression()}
    assert len(clusters & colours) >= 4, "the enterprises are not in the tiles"

    vectors = []
    for collection, least in (("districts", 13), ("platforms", 40), ("enterprises", 4000)):
        layer = QgsVectorLayer(f"url='{base}' typename='{collection}' pagingEnabled='true' pageSize='1000'", collection, "OAPIF")
        assert layer.isValid(), collection
        found = sum(1 for _ in layer.getFeatures())
        assert found >= least, (collection, found)
        vectors.append(layer)
    enterprises = vectors[2]
    robots = sum(1 for _ in enterprises.getFeatures(QgsFeatureRequest().setFilterExpression("\"cluster\" = 'robot'")))
    boxed = sum(1 for _ in enterprises.getFeatures(QgsFeatureRequest().setFilterRect(QgsRectangle(120.1, 30.2, 120.2, 30.3))))
    assert 0 < robots < 4000 and 0 < boxed < 4000, (robots, boxed)
    enterprises.setSubsetString("\"cluster\" = 'robot'")
    assert sum(1 for _ in enterprises.getFeatures()) == robots
    colours = paint(vectors[::-1], city, crs, f"{folder}/features.png")
    assert len(colours) > 5, f"the features came out in {len(colours)} colours"
    print(f"  {robots} robot firms, {boxed} in the box; {len(styles)} styles of tiles")


main(*sys.argv[1:])
sys.stdout.flush()
# Python takes QGIS's objects apart in an order that QGIS does not survive
os._exit(0)
