//! Edits of zones that share no ground: gaps and overlaps beside a count of lattice cells, several features by one step of a
//! draft, and errors at the change that they are about.

use crate::accounts::World;
use crate::edits::{Editor, codes};
use serde_json::{Value, json};
use shigu::core::geometry::measure;
use shigu::data::features::{FeatureEdit, Features, Judged};
use shigu::data::load::{Limits, Source, load};
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

/// A block of lattice cells: from column and row, to column and row.
type Block = [i32; 4];

/// A cell's side in degrees.
const SIDE: f64 = 0.01;

fn ring([x, y, u, v]: Block) -> Value {
    let at = |x: i32, y: i32| {
        let degrees = |n: i32, from: f64| ((from + f64::from(n) * SIDE) * 1e7).round() / 1e7;
        json!([degrees(x, 10.0), degrees(y, 45.0)])
    };
    json!({"type": "Polygon", "coordinates": [[at(x, y), at(u, y), at(u, v), at(x, v), at(x, y)]]})
}

fn km2(block: Block) -> f64 {
    let ring: Vec<[f64; 2]> = serde_json::from_value(ring(block)["coordinates"][0].clone()).unwrap();
    let ring: geo::LineString<f64> = ring.into_iter().map(|[x, y]| (x, y)).collect();
    measure::area_km2(&geo::MultiPolygon(vec![geo::Polygon::new(ring, vec![])]))
}

fn text(zh: &str, en: &str) -> Value {
    json!({"zh": zh, "en": en})
}

/// A city of blocks, and sites that name a block.
fn city(folder: &Path, blocks: &BTreeMap<String, Block>, sites: &[(&str, &str)]) -> Features {
    let name = json!({"name": "label", "title": text("名称", "Name"), "type": "string", "required": true});
    let of = json!({"name": "block", "title": text("所在街区", "Block"), "type": "string", "references": "blocks"});
    let manifest = json!({
        "id": "lattice", "title": text("格城", "Lattice"), "crs": "http://www.opengis.net/def/crs/OGC/1.3/CRS84",
        "zone_kinds": [{"id": "block", "title": text("街区", "Block"), "plural": "blocks"}],
        "collections": [
            {"id": "blocks", "file": "blocks.geojson", "role": "districts", "reference": false, "geometry": "polygon",
             "title": text("街区", "Blocks"), "name": "label", "zone": {"kind": "block"}, "properties": [name]},
            {"id": "sites", "file": "sites.geojson", "role": "features", "geometry": "point", "title": text("站点", "Sites"),
             "name": "label", "properties": [name, of]},
        ],
    });
    let all = |features: Vec<Value>| json!({"type": "FeatureCollection", "features": features}).to_string();
    let block = |(id, block): (&String, &Block)| json!({"type": "Feature", "id": id, "geometry": ring(*block), "properties": {"label": id}});
    let site = |(id, of): &(&str, &str)| {
        let at = json!({"type": "Point", "coordinates": [10.0, 45.0]});
        json!({"type": "Feature", "id": id, "geometry": at, "properties": {"label": id, "block": of}})
    };
    fs::write(folder.join("dataset.json"), manifest.to_string()).unwrap();
    fs::write(folder.join("blocks.geojson"), all(blocks.iter().map(block).collect())).unwrap();
    fs::write(folder.join("sites.geojson"), all(sites.iter().map(site).collect())).unwrap();
    let (dataset, report) = load(&Source::Folder(folder.into()), &Limits::default());
    Features::of(dataset.unwrap_or_else(|| panic!("{report:?}")), &Limits::default())
}

fn edit(id: &str) -> FeatureEdit {
    FeatureEdit { collection: "blocks".into(), id: Some(id.into()), ..FeatureEdit::default() }
}

/// The same numbers each time.
struct Chance(u64);

impl Chance {
    fn below(&mut self, n: i32) -> i32 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        i32::try_from((self.0 >> 33) % u64::from(n.unsigned_abs())).unwrap()
    }
}

const FROM: i32 = -3;
const TO: i32 = 12;

fn has([x, y, u, v]: Block, (a, b): (i32, i32)) -> bool {
    (x..u).contains(&a) && (y..v).contains(&b)
}

/// Cells of no block to which no way of cells leads from outside; `corners`: ways lead over corners, too.
fn enclosed(blocks: &BTreeMap<String, Block>, corners: bool) -> Vec<(i32, i32)> {
    let cells: Vec<(i32, i32)> = (FROM..TO).flat_map(|x| (FROM..TO).map(move |y| (x, y))).collect();
    let free = |cell: &(i32, i32)| !blocks.values().any(|block| has(*block, *cell));
    let mut seen = vec![(FROM, FROM)];
    let mut next = 0;
    while let Some(&(x, y)) = seen.get(next) {
        next += 1;
        for (dx, dy) in (-1..=1).flat_map(|dx| (-1..=1).map(move |dy| (dx, dy))) {
            let to = (x + dx, y + dy);
            let near = corners || dx == 0 || dy == 0;
            if near && (FROM..TO).contains(&to.0) && (FROM..TO).contains(&to.1) && free(&to) && !seen.contains(&to) {
                seen.push(to);
            }
        }
    }
    cells.into_iter().filter(|cell| free(cell) && !seen.contains(cell)).collect()
}

/// Cells by how they hang together: by their sides, or by corners, too.
fn islands(cells: &[(i32, i32)], corners: bool) -> Vec<Vec<(i32, i32)>> {
    let mut left = cells.to_vec();
    let mut all = Vec::new();
    while let Some(cell) = left.pop() {
        let mut island = vec![cell];
        let mut next = 0;
        while let Some(&(x, y)) = island.get(next) {
            next += 1;
            let near = |(u, v): &(i32, i32)| {
                let (dx, dy) = ((u - x).abs(), (v - y).abs());
                dx + dy == 1 || (corners && dx == 1 && dy == 1)
            };
            let (found, others): (Vec<_>, Vec<_>) = left.into_iter().partition(near);
            island.extend(found);
            left = others;
        }
        all.push(island);
    }
    all
}

fn size(cells: impl IntoIterator<Item = (i32, i32)>) -> f64 {
    cells.into_iter().map(|(x, y)| km2([x, y, x + 1, y + 1])).sum()
}

/// The square kilometres that messages of a code say, each message once.
fn said(judged: &[Judged], code: &str) -> f64 {
    let mut messages: Vec<&str> =
        judged.iter().flat_map(|one| &one.findings).filter(|f| f.code == code).map(|f| f.message.en.as_str()).collect();
    messages.sort_unstable();
    messages.dedup();
    let number = |message: &str| -> f64 {
        let words: Vec<&str> = message.split(' ').collect();
        let unit = words.iter().position(|word| *word == "km2").unwrap();
        words[unit - 1].parse().unwrap()
    };
    messages.into_iter().map(number).sum()
}

#[test]
fn gaps_and_overlaps_are_those_that_cells_have() {
    let mut chance = Chance(7);
    let (mut gaps, mut overlaps, mut quiet, mut kept, mut grows, mut strips) = (0, 0, 0, 0, 0, 0);
    for round in 0..240 {
        let mut blocks: BTreeMap<String, Block> = BTreeMap::new();
        for (x, y) in (0..3).flat_map(|x| (0..3).map(move |y| (x, y))) {
            blocks.insert(format!("B{}", x * 3 + y), [x * 3, y * 3, x * 3 + 3, y * 3 + 3]);
        }
        // some begin with a gap in the middle, and some without a corner
        let open = round % 3 == 0;
        if open {
            blocks.remove("B4");
        }
        let folder = tempfile::tempdir().unwrap();
        let mut features = city(folder.path(), &blocks, &[]);
        let mut after = blocks.clone();
        let mut edits: Vec<FeatureEdit> = Vec::new();
        for _ in 0..=chance.below(3) {
            let ids: Vec<String> = blocks.keys().cloned().collect();
            let id = ids[usize::try_from(chance.below(i32::try_from(ids.len()).unwrap())).unwrap()].clone();
            if edits.iter().any(|edit| edit.id.as_ref() == Some(&id)) {
                continue;
            }
            if chance.below(5) == 0 {
                after.remove(&id);
                edits.push(FeatureEdit { remove: true, ..edit(&id) });
                continue;
            }
            let mut block = blocks[&id];
            block[usize::try_from(chance.below(4)).unwrap()] += [-1, 1, 2][usize::try_from(chance.below(3)).unwrap()];
            after.insert(id.clone(), block);
            edits.push(FeatureEdit { geometry: Some(ring(block)), ..edit(&id) });
        }
        if chance.below(3) == 0 {
            let (x, y) = (chance.below(8), chance.below(8));
            let block = [x, y, x + 1 + chance.below(3), y + 1 + chance.below(3)];
            let values = [("label".to_owned(), json!("新"))].into();
            let added =
                FeatureEdit { id: None, new_id: Some("N".into()), values, geometry: Some(ring(block)), ..edit("") };
            after.insert("N".into(), block);
            edits.push(added);
        }
        let closed = enclosed(&after, false);
        if enclosed(&after, true) != closed || islands(&closed, true).len() != islands(&closed, false).len() {
            // whether ground that meets the outside at a corner is enclosed is a matter of words
            continue;
        }
        let before = enclosed(&blocks, false);
        // an island of cells that was there in part is one that grows
        let (mut gap, mut growth) = (0.0, 0.0);
        for island in islands(&closed, false) {
            let grows = island.iter().any(|cell| before.contains(cell));
            let new = size(island.into_iter().filter(|cell| !before.contains(cell)));
            *(if grows { &mut growth } else { &mut gap }) += new;
        }
        let cells = || (FROM..TO).flat_map(|x| (FROM..TO).map(move |y| (x, y)));
        let mut overlap = 0.0;
        let all: Vec<(&String, &Block)> = after.iter().collect();
        for (i, (_, a)) in all.iter().enumerate() {
            for (_, b) in &all[i + 1..] {
                overlap += size(cells().filter(|cell| has(**a, *cell) && has(**b, *cell)));
            }
        }
        // what a block had, and lies outside now
        let bare = |cell: &(i32, i32)| !after.values().any(|block| has(*block, *cell)) && !closed.contains(cell);
        let strip = size(cells().filter(|cell| blocks.values().any(|block| has(*block, *cell)) && bare(cell)));
        let numbered: Vec<(u32, FeatureEdit)> = (1..).zip(edits).collect();
        let judged = features.judge(&numbered).unwrap();
        let near = |a: f64, b: f64| (a - b).abs() < 0.002 + 0.001 * b;
        let (found, twice) = (said(&judged, "zones-gap"), said(&judged, "zones-overlap"));
        let grown = said(&judged, "zones-gap-grown");
        assert!(near(found, gap), "{round}: {found} {gap} {numbered:?} {judged:#?}");
        assert!(near(grown, growth), "{round}: {grown} {growth} {numbered:?} {judged:#?}");
        assert!(near(twice, overlap), "{round}: {twice} {overlap} {numbered:?} {judged:#?}");
        let outside = said(&judged, "zones-left");
        assert!(near(outside, strip), "{round}: {outside} {strip} {numbered:?} {judged:#?}");
        strips += usize::from(strip > 0.0);
        let wrong = judged.iter().any(Judged::has_errors);
        assert_eq!(wrong, gap > 0.0 || overlap > 0.0, "{numbered:?} {judged:#?}");
        gaps += usize::from(gap > 0.0);
        overlaps += usize::from(overlap > 0.0);
        quiet += usize::from(!wrong);
        kept += usize::from(closed.iter().any(|cell| before.contains(cell)));
        grows += usize::from(growth > 0.0);
    }
    let enough = gaps > 5 && overlaps > 20 && quiet > 10 && kept > 10 && grows > 1 && strips > 20;
    assert!(enough, "{gaps} {overlaps} {quiet} {kept} {grows} {strips}");
}

/// The vertex that four blocks share moves in all of them, in three of them, in one.
#[test]
fn a_shared_vertex_moves_in_all_or_leaves_a_gap() {
    let folder = tempfile::tempdir().unwrap();
    let blocks: BTreeMap<String, Block> =
        [("B1", [0, 0, 3, 3]), ("B2", [3, 0, 6, 3]), ("B3", [0, 3, 3, 6]), ("B11", [3, 3, 6, 6])]
            .map(|(id, block)| (id.to_owned(), block))
            .into();
    let mut features = city(folder.path(), &blocks, &[("S1", "B11"), ("S2", "B2")]);
    let moved = |id: &str| {
        let was = ring([3, 3, 3, 3])["coordinates"][0][0].clone();
        let mut geometry = ring(blocks[id]);
        for at in geometry["coordinates"][0].as_array_mut().unwrap() {
            if *at == was {
                *at = json!([10.034, 45.026]);
            }
        }
        FeatureEdit { geometry: Some(geometry), ..edit(id) }
    };
    let mut seen = |ids: &[&str]| -> Vec<Vec<&'static str>> {
        let edits: Vec<(u32, FeatureEdit)> = (1..).zip(ids.iter().map(|id| moved(id))).collect();
        let judged = features.judge(&edits).unwrap();
        judged.iter().map(|one| one.findings.iter().map(|f| f.code).collect()).collect()
    };
    assert_eq!(seen(&["B1", "B2", "B3", "B11"]), [const { Vec::<&str>::new() }; 4]);
    // three of them leave the fourth with what it gave up or did not get
    assert!(seen(&["B1", "B2", "B3"]).concat().iter().all(|code| code.starts_with("zones-")));
    let alone = seen(&["B1"]).concat();
    assert!(alone.contains(&"zones-gap") && alone.contains(&"zones-overlap"), "{alone:?}");
    // what a reference loses is said at the block that goes, not at one whose id is like it
    let renamed = |id: &str| FeatureEdit { values: [("label".to_owned(), json!("改名"))].into(), ..edit(id) };
    let edits = [(1, renamed("B1")), (2, FeatureEdit { remove: true, ..edit("B11") }), (3, renamed("B3"))];
    let judged = features.judge(&edits).unwrap();
    let dangling: Vec<u32> = judged
        .iter()
        .filter(|one| one.findings.iter().any(|f| f.code == "dangling-reference"))
        .map(|one| one.number)
        .collect();
    assert_eq!(dangling, [2], "{judged:#?}");
}

fn line(y: f64) -> Value {
    json!({"type": "LineString", "coordinates": [[119.82, y], [120.0, 30.28], [120.118, 30.273]]})
}

fn change(key: &str, mut edit: Value) -> Value {
    if let Some((collection, id)) = key.split_once(':').filter(|_| edit.is_object()) {
        edit["collection"] = json!(collection);
        edit["id"] = json!(id);
    }
    json!({"key": key, "edit": edit})
}

#[tokio::test]
async fn several_features_are_one_step() {
    let world = World::new(true).await;
    let mut li = Editor::new(&world, "li", "editor").await;
    let mut wang = Editor::new(&world, "wang", "reviewer").await;
    let step = json!({"changes": [
        change("layout:axis", json!({"geometry": line(30.21)})),
        change("layout:belt", json!({"values": {"note": "李"}})),
        change("enterprises:S00001", json!({"values": {"founded": 2019}})),
    ]});
    let answer = li.send("POST", "/drafts/li/changes", &step).await;
    assert_eq!(answer.status, 200, "{}", answer.json());
    let draft = li.seen(&answer);
    assert_eq!((&draft["undo"], draft["changes"].as_array().unwrap().len()), (&json!(1), 3), "{draft}");
    let steps = |draft: &Value| -> Vec<u64> {
        draft["changes"].as_array().unwrap().iter().map(|c| c["step"].as_u64().unwrap()).collect()
    };
    assert_eq!(steps(&draft), [1, 1, 1]);
    // another value of one of them is another step, and they still belong together
    let draft = li.change("layout", "axis", json!({"geometry": line(30.21), "values": {"note_en": "Li"}})).await;
    assert_eq!((steps(&draft), &draft["undo"]), (vec![1, 1, 1], &json!(2)));
    let draft = li.change("layout", "axis", json!({"geometry": line(30.23)})).await;
    assert_eq!(steps(&draft), [3, 1, 1]);
    for _ in 0..2 {
        li.step("undo", &Value::Null).await;
    }
    let (_, draft) = li.step("undo", &Value::Null).await;
    assert_eq!((&draft["changes"], &draft["redo"]), (&json!([]), &json!(3)), "one undo takes all of a step back");
    let (_, draft) = li.step("redo", &Value::Null).await;
    assert_eq!(steps(&draft), [1, 1, 1]);
    // all or nothing
    for (body, status, code) in [
        (json!({"changes": []}), 422, "bad-step"),
        (json!({"changes": [change("layout:belt", Value::Null), change("layout:belt", Value::Null)]}), 422, "bad-step"),
        (
            json!({"changes": [change("layout:belt", Value::Null), change("layout:axis", json!({"geometry": {"type": "Circle"}}))]}),
            422,
            "bad-geometry",
        ),
        (json!({"changes": [change("layout:belt", Value::Null), change("layout:none", Value::Null)]}), 404, ""),
        (json!({"changes": [{"key": "layout:belt", "edit": {"collection": "layout", "id": "axis"}}]}), 422, "bad-key"),
        (
            json!({"changes": [change("layout:axis", json!({"new_id": "other", "geometry": line(30.2)}))]}),
            422,
            "bad-id",
        ),
        (json!({"changes": [{"key": "e+1", "edit": {"collection": "enterprises", "new_id": "X"}}]}), 422, "bad-id"),
    ] {
        let answer = li.send("POST", "/drafts/li/changes", &body).await;
        let said = answer.json();
        assert_eq!(answer.status, status, "{body}: {said}");
        assert!(code.is_empty() || said["code"] == code, "{body}: {said}");
        assert_eq!(li.look().await["changes"].as_array().unwrap().len(), 3);
    }
    // a conflict of one keeps all of the step from being saved
    wang.change("layout", "axis", json!({"geometry": line(30.22)})).await;
    assert_eq!(wang.step("publish", &json!({"note": "先"})).await.0, 201);
    let draft = li.look().await;
    assert_eq!((&draft["conflicts"], li.step("submit", &json!({"note": "后"})).await.0), (&json!(1), 409), "{draft}");
    // what is taken back with a step goes by one step, too
    let back = json!({"changes": [change("layout:axis", Value::Null), change("layout:belt", Value::Null)]});
    let answer = li.send("POST", "/drafts/li/changes", &back).await;
    let draft = li.seen(&answer);
    assert_eq!((draft["changes"].as_array().unwrap().len(), &draft["undo"]), (1, &json!(2)), "{draft}");
    // a new feature has the id that it is given, and no other has it
    let zone =
        json!({"type": "Polygon", "coordinates": [[[120.3, 30.1], [120.32, 30.1], [120.32, 30.12], [120.3, 30.1]]]});
    let mut values =
        world.get("/collections/platform-zones/items?limit=1&f=json", &world.administrator).await.json()["features"][0]
            ["properties"]
            .clone();
    values.as_object_mut().unwrap().retain(|_, value| !value.is_null());
    let new = |id: &str| json!({"collection": "platform-zones", "new_id": id, "values": values, "geometry": zone});
    let two = json!({"changes": [{"key": "z+1", "edit": new("east-side")}, {"key": "z+2", "edit": new("east-side")}]});
    let answer = li.send("POST", "/drafts/li/changes", &two).await;
    let draft = li.seen(&answer);
    assert!(codes(&draft["changes"][1]).contains(&"duplicate-id"), "{draft}");
    let one = json!({"changes": [{"key": "z+2", "edit": null}]});
    let answer = li.send("POST", "/drafts/li/changes", &one).await;
    let draft = li.seen(&answer);
    assert_eq!((&draft["problems"], &draft["changes"][1]["new_id"]), (&json!(0), &json!("east-side")), "{draft}");
    assert_eq!(li.step("submit", &json!({"note": "后"})).await.0, 200);
    (wang.name, wang.tag) = ("li", li.tag.clone());
    assert_eq!(wang.step("publish", &json!({})).await.0, 201);
    let zones = world.get("/zones?kind=platform", &world.administrator).await.json().to_string();
    assert!(zones.contains("\"east-side\""), "{zones}");
}
