"""Writes town.osm.pbf: an invented town by the sea, in the tags of OpenStreetMap (pip install osmium). 虚构的海边小镇。"""
import os
import sys

import osmium
from osmium.osm.mutable import Node, Relation, Way

OUT = sys.argv[1] if len(sys.argv) > 1 else "town.osm.pbf"
if os.path.exists(OUT):
    os.remove(OUT)
w = osmium.SimpleWriter(OUT)
number = 0
at = {}


def node(x, y, **tags):
    global number
    number += 1
    at[number] = (x, y)
    w.add_node(Node(id=number, location=(x, y), tags={k.replace("_", ":"): v for k, v in tags.items()}))
    return number


ways = []
relations = []


def way(points, **tags):
    ids = [p if isinstance(p, int) else node(*p) for p in points]
    ways.append((1000 + len(ways), ids, {k.replace("__", ":"): v for k, v in tags.items()}))
    return ways[-1][0]


def ring(west, south, east, north):
    a = [node(west, south), node(east, south), node(east, north), node(west, north)]
    return a + a[:1]


# names of places: two inside the box 10.0,50.0,10.2,50.1, one outside, one without a name
node(10.05, 50.05, place="town", name="Vessin", name_zh="韦辛", name_en="Vessin")
node(10.06, 50.06, place="suburb", name="Alte Werft")
node(10.5, 50.5, place="village", name="Fern")
node(10.07, 50.07, place="village")
# roads: a motorway from far in the west through the box, streets, one that is only proposed
way([(9.5, 50.02), (9.9, 50.021), (10.03, 50.022), (10.15, 50.023), (10.4, 50.03)], highway="motorway", name="A 9", ref="A9")
a, b = node(10.04, 50.04), node(10.06, 50.04)
way([a, b], highway="residential", name="Hafengasse")
way([b, (10.06, 50.055)], highway="primary")
way([a, (10.04, 50.055)], highway="proposed")
way([(10.01, 50.03), (10.09, 50.03)], railway="rail")
way([(10.01, 50.031), (10.02, 50.031)], railway="rail", service="yard")
way([(11.0, 51.0), (11.1, 51.0)], highway="motorway")
# a river as a line, a lake of two halves with an island, one way of a lake that is not in the file
way([(10.02, 49.9), (10.021, 50.05), (10.02, 50.2)], waterway="river", name="Ves")
south = [node(10.10, 50.04), node(10.10, 50.03), node(10.13, 50.03), node(10.13, 50.04)]
north = [south[-1], node(10.13, 50.05), node(10.10, 50.05), south[0]]
lake = [way(south), way(north), way(ring(10.11, 50.035, 10.12, 50.045))]
half = way([(10.14, 50.06), (10.15, 50.06), (10.15, 50.07)])
# a park and a building
way(ring(10.04, 50.06, 10.05, 50.07), leisure="park", name="Stadtpark")
way(ring(10.050, 50.041, 10.0505, 50.0415), building="yes")
# the coast: land in the west, sea in the east of 10.18; an island in the sea
way([(10.18, 49.9), (10.18, 50.04)], natural="coastline")
c = [i for i, p in at.items() if p == (10.18, 50.04)][-1]
way([c, (10.18, 50.3)], natural="coastline")
way(ring(10.19, 50.05, 10.192, 50.052), natural="coastline")
# a boundary of the county, along the river
border = way([(10.02, 49.95), (10.025, 50.05), (10.02, 50.15)])
for i, ids, tags in ways:
    w.add_way(Way(id=i, nodes=ids, tags=tags))
w.add_relation(Relation(id=1, members=[("w", lake[0], "outer"), ("w", lake[1], "outer"), ("w", lake[2], "inner")],
                        tags={"type": "multipolygon", "natural": "water", "water": "lake", "name": "Vessiner See"}))
w.add_relation(Relation(id=2, members=[("w", half, "outer"), ("w", 999999, "outer")],
                        tags={"type": "multipolygon", "natural": "water"}))
w.add_relation(Relation(id=3, members=[("w", border, "outer")],
                        tags={"type": "boundary", "boundary": "administrative", "admin_level": "6", "name": "Kreis Ves"}))
w.close()
