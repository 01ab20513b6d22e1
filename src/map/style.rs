//! The MapLibre style (style specification v8). It needs no glyphs, sprites or other origin: text is drawn with the
//! reader's own fonts, and the page draws the named pictures (`node-*`, `platform-*`, `lead`, `mark-*`).

use crate::model::{Codelist, CollectionSpec, Lang, Role};
use crate::snapshot::Snapshot;
use serde_json::{Value, json};

/// Ground of the map.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Theme {
    /// Light, the default and the only one for export.
    #[default]
    Light,
    /// Dark, for meeting rooms.
    Dark,
}

/// Colours of a theme.
struct Palette {
    sea: &'static str,
    land: &'static str,
    water: &'static str,
    water_line: &'static str,
    water_text: &'static str,
    border: &'static str,
    ink: &'static str,
    soft: &'static str,
    halo: &'static str,
    /// Belongs to the planned structure and to nothing else.
    plan: &'static str,
    plan_text: &'static str,
    cell: &'static str,
    cell_text: &'static str,
    none: &'static str,
}

const LIGHT: Palette = Palette {
    sea: "#E6E8E4",
    land: "#FAFAF7",
    water: "#CFE2EC",
    water_line: "#B5D0DE",
    water_text: "#5C87A0",
    border: "#A9AFB6",
    ink: "#1C232B",
    soft: "#525B66",
    halo: "#FFFFFF",
    plan: "#B4232A",
    plan_text: "#A01D24",
    cell: "#5A6572",
    cell_text: "#FFFFFF",
    none: "#9AA0A6",
};

const DARK: Palette = Palette {
    sea: "#0B1017",
    land: "#151C26",
    water: "#1D3547",
    water_line: "#2A4A60",
    water_text: "#7FA9C2",
    border: "#56616E",
    ink: "#EDF1F5",
    soft: "#B4BEC9",
    halo: "#0F151D",
    plan: "#F0616A",
    plan_text: "#FF8A90",
    cell: "#8A97A6",
    cell_text: "#0B1017",
    none: "#9AA0A6",
};

/// A style with one vector source `shigu`, whose tiles follow `template`.
pub fn style(snapshot: &Snapshot, theme: Theme, lang: Lang, template: &str) -> Value {
    let c = match theme {
        Theme::Light => &LIGHT,
        Theme::Dark => &DARK,
    };
    let name = match lang {
        Lang::Zh => json!(["get", "name"]),
        Lang::En => json!(["coalesce", ["get", "name_en"], ["get", "name"]]),
    };
    let table = Table { c, lang, name, theme };
    let mut layers = vec![json!({"id": "background", "type": "background", "paint": {"background-color": c.sea}})];
    // land under water under all else; areas under lines under points, whatever the order of the collections
    let mut ordered: Vec<_> = snapshot.layers.iter().collect();
    ordered.sort_by_key(|l| (l.spec.role != Role::Districts, l.spec.role != Role::Base));
    for part in [Table::areas, Table::lines] {
        for layer in &ordered {
            layers.extend(part(&table, &layer.spec, snapshot.clusters()));
        }
    }
    // enterprises under names, names under the structure that the reader came for; what is on top is placed first
    ordered.sort_by_key(|l| match l.spec.role {
        Role::Register => 0,
        Role::Features => 1,
        Role::Base => 2,
        Role::Lead => 3,
        Role::Platforms => 4,
        _ => 5,
    });
    for layer in &ordered {
        layers.extend(table.points(&layer.spec, snapshot.clusters()));
    }
    // the symbols of the structure above all names: names make room for them
    let (pictures, below): (Vec<Value>, Vec<Value>) =
        layers.into_iter().partition(|l| l["id"] == "platforms" || l["id"] == "nodes");
    let mut layers: Vec<Value> = [below, pictures].concat();
    let fonts = fonts(lang);
    for layer in &mut layers {
        if let Some(layout) = layer.get_mut("layout").filter(|layout| layout.get("text-field").is_some()) {
            layout["text-font"] = fonts.clone();
        }
    }
    let attribution: Vec<&str> =
        snapshot.layers.iter().filter(|l| l.spec.role == Role::Districts).map(|l| l.spec.source.get(lang)).collect();
    json!({
        "version": 8,
        "name": format!("shigu-{}", if theme == Theme::Light { "light" } else { "dark" }),
        "sources": {"shigu": {
            "type": "vector", "tiles": [template], "minzoom": 0, "maxzoom": 18,
            "bounds": snapshot.bounds.to_array(), "attribution": attribution.join(" · "), "promoteId": "fid",
        }},
        "layers": layers,
    })
}

struct Table {
    c: &'static Palette,
    lang: Lang,
    name: Value,
    theme: Theme,
}

impl Table {
    fn areas(&self, spec: &CollectionSpec, _: Option<&Codelist>) -> Vec<Value> {
        let c = self.c;
        let layer = |id: &str, ty: &str, more: Value| base(id, ty, &spec.id, more);
        match spec.role {
            Role::Districts => {
                vec![layer("districts-fill", "fill", json!({"paint": {"fill-color": c.land, "fill-antialias": false}}))]
            }
            Role::Base => vec![layer(
                "water",
                "fill",
                json!({"filter": area(), "paint": {"fill-color": c.water, "fill-outline-color": c.water_line}}),
            )],
            Role::Zones => vec![
                layer("zones-fill", "fill", json!({"paint": {"fill-color": c.plan, "fill-opacity": fading(0.035)}})),
                layer(
                    "zones-line",
                    "line",
                    json!({"paint": {"line-color": c.plan, "line-opacity": 0.6, "line-width": 1, "line-dasharray": [2, 3]}}),
                ),
            ],
            Role::Layout => vec![
                layer(
                    "corridor-fill",
                    "fill",
                    json!({"filter": kind("corridor"), "paint": {"fill-color": c.plan, "fill-opacity": fading(0.03)}}),
                ),
                layer(
                    "corridor-line",
                    "line",
                    json!({"filter": kind("corridor"), "minzoom": 9.5, "paint": {"line-color": c.plan, "line-opacity": 0.35, "line-width": 1, "line-dasharray": [1, 3]}}),
                ),
            ],
            Role::Features => vec![
                layer(
                    &format!("{}-fill", spec.id),
                    "fill",
                    json!({"filter": area(), "paint": {"fill-color": c.cell, "fill-opacity": 0.15}}),
                ),
                layer(
                    &format!("{}-line", spec.id),
                    "line",
                    json!({"paint": {"line-color": c.cell, "line-width": 1.2}}),
                ),
            ],
            Role::Platforms | Role::Register | Role::Lead => vec![],
        }
    }

    fn lines(&self, spec: &CollectionSpec, _: Option<&Codelist>) -> Vec<Value> {
        let c = self.c;
        let layer = |id: &str, more: Value| base(id, "line", &spec.id, more);
        let round = json!({"line-cap": "round", "line-join": "round"});
        match spec.role {
            Role::Districts => vec![layer(
                "districts-line",
                json!({"paint": {"line-color": c.border, "line-width": 1, "line-dasharray": [4, 2]}}),
            )],
            Role::Layout => vec![
                layer(
                    "belt-wide",
                    json!({"filter": kind("belt"), "layout": round, "paint": {"line-color": c.plan, "line-width": 14, "line-opacity": 0.16}}),
                ),
                layer(
                    "belt",
                    json!({"filter": kind("belt"), "layout": {"line-join": "round"}, "paint": {"line-color": c.plan, "line-width": 2.5, "line-dasharray": [3, 2]}}),
                ),
                layer(
                    "axis-casing",
                    json!({"filter": kind("axis"), "layout": round, "paint": {"line-color": c.halo, "line-width": 9}}),
                ),
                layer(
                    "axis",
                    json!({"filter": kind("axis"), "layout": round, "paint": {"line-color": c.plan, "line-width": 5}}),
                ),
            ],
            _ => vec![],
        }
    }

    fn points(&self, spec: &CollectionSpec, clusters: Option<&Codelist>) -> Vec<Value> {
        let c = self.c;
        let layer = |id: &str, more: Value| base(id, "symbol", &spec.id, more);
        match spec.role {
            Role::Register => self.register(spec, clusters),
            Role::Base => vec![base(
                "water-label",
                "symbol",
                &format!("{}-label", spec.id),
                json!({"minzoom": 8.5, "layout": {"text-field": self.name, "text-size": 12, "text-letter-spacing": 0.15}, "paint": self.text(c.water_text, 1.2)}),
            )],
            Role::Lead => {
                let short = match self.lang {
                    Lang::Zh => json!(["coalesce", ["get", "short_name"], ["get", "name"]]),
                    Lang::En => self.name.clone(),
                };
                let layout = json!({"icon-image": "lead", "icon-padding": 1, "text-field": short});
                vec![layer(
                    "lead",
                    json!({"minzoom": 10.5, "layout": beside(layout, 0.7, 3), "paint": self.text(c.soft, 1.6)}),
                )]
            }
            Role::Platforms => {
                // a platform that is a node of the layout is drawn there
                let filter = json!(["!=", ["get", "layout_role"], "node"]);
                let icon = json!({"icon-image": by_status("platform"), "icon-allow-overlap": true, "icon-padding": 0});
                vec![
                    layer(
                        "platforms-name",
                        json!({"filter": filter, "minzoom": 10.6, "layout": beside(json!({"text-field": self.name}), 1.1, 2), "paint": self.text(c.ink, 1.6)}),
                    ),
                    layer("platforms", json!({"filter": filter, "minzoom": 9.5, "layout": icon})),
                ]
            }
            Role::Layout => {
                let size = json!(["interpolate", ["linear"], ["zoom"], 7, 0.6, 9.5, 0.85, 12, 1]);
                // from afar only the names that the plan itself gives: the newly planned
                let planned = json!(["case", ["==", ["get", "status"], "planned"], self.name, ""]);
                let first = json!(["step", ["zoom"], planned, 9.6, self.name]);
                let icon = json!({"icon-image": by_status("node"), "icon-allow-overlap": true, "icon-padding": 0, "icon-size": size});
                vec![
                    layer(
                        "nodes-name",
                        json!({"filter": kind("node"), "minzoom": 8.9, "layout": beside(json!({"text-field": first}), 1.2, 2), "paint": self.text(c.plan_text, 1.6)}),
                    ),
                    layer("nodes", json!({"filter": kind("node"), "layout": icon})),
                ]
            }
            Role::Features => vec![base(
                &format!("{}-point", spec.id),
                "circle",
                &spec.id,
                json!({"filter": ["==", ["geometry-type"], "Point"], "paint": {"circle-color": c.cell, "circle-radius": ["case", ["has", "n"], 9, 4], "circle-stroke-color": c.halo, "circle-stroke-width": 1}}),
            )],
            Role::Districts | Role::Zones => vec![],
        }
    }

    /// Counted cells from zoom 11, which come apart into single enterprises.
    fn register(&self, spec: &CollectionSpec, clusters: Option<&Codelist>) -> Vec<Value> {
        let c = self.c;
        let layer = |id: &str, ty: &str, more: Value| base(id, ty, &spec.id, more);
        let cell = json!(["has", "n"]);
        let single = json!(["!", ["has", "n"]]);
        let radius = json!(["interpolate", ["linear"], ["sqrt", ["get", "n"]], 1.4, 8, 3, 10, 10, 15, 32, 19]);
        let mark = json!(["concat", "mark-", ["coalesce", ["get", "cluster"], "none"]]);
        vec![
            layer(
                "register-cell",
                "circle",
                json!({"filter": cell, "minzoom": 11, "paint": {"circle-color": c.cell, "circle-opacity": 0.9, "circle-stroke-color": c.halo, "circle-stroke-width": 1, "circle-radius": radius}}),
            ),
            layer(
                "register-dot",
                "circle",
                json!({"filter": single, "minzoom": 11, "paint": {
                    "circle-color": self.cluster_colours(clusters), "circle-radius": ["interpolate", ["linear"], ["zoom"], 11, 3.5, 13, 5, 16, 6],
                    "circle-stroke-color": c.halo, "circle-stroke-width": 1}}),
            ),
            layer(
                "register-mark",
                "symbol",
                json!({"filter": single, "minzoom": 13, "layout": {
                    "icon-image": mark, "icon-size": ["interpolate", ["linear"], ["zoom"], 13, 0.9, 16, 1.1],
                    "icon-allow-overlap": ["step", ["zoom"], false, 16, true], "icon-padding": 1}}),
            ),
            layer(
                "register-cell-count",
                "symbol",
                json!({"filter": cell, "minzoom": 11, "layout": {"text-field": ["to-string", ["get", "n"]], "text-size": 12, "text-allow-overlap": true, "text-padding": 0}, "paint": {"text-color": c.cell_text}}),
            ),
            layer(
                "register-name",
                "symbol",
                json!({"filter": single, "minzoom": 16, "layout": {"text-field": self.name, "text-size": 12, "text-anchor": "top", "text-offset": [0, 1], "text-max-width": 9, "text-optional": true}, "paint": self.text(c.soft, 1.6)}),
            ),
        ]
    }

    fn cluster_colours(&self, clusters: Option<&Codelist>) -> Value {
        let entries = clusters.map(|l| l.entries.as_slice()).unwrap_or_default();
        if entries.is_empty() {
            return json!(self.c.none);
        }
        let mut cases = vec![json!("match"), json!(["get", "cluster"])];
        for e in entries {
            cases.push(json!(e.code));
            cases.push(json!(if self.theme == Theme::Light { &e.color } else { &e.color_dark }));
        }
        cases.push(json!(self.c.none));
        Value::Array(cases)
    }

    fn text(&self, color: &str, halo: f64) -> Value {
        json!({"text-color": color, "text-halo-color": self.c.halo, "text-halo-width": halo})
    }
}

fn base(id: &str, ty: &str, source_layer: &str, more: Value) -> Value {
    let mut layer = json!({"id": id, "type": ty, "source": "shigu", "source-layer": source_layer});
    if let (Value::Object(layer), Value::Object(more)) = (&mut layer, more) {
        layer.extend(more);
    }
    layer
}

/// A picture with its name on whichever side is free; without a free side the name is left out.
fn beside(mut layout: Value, offset: f64, padding: u8) -> Value {
    let more = json!({
        "text-size": 12, "text-variable-anchor": ["left", "right", "top", "bottom"], "text-radial-offset": offset,
        "text-optional": true, "text-padding": padding, "text-max-width": 9, "text-justify": "auto",
    });
    if let (Value::Object(layout), Value::Object(more)) = (&mut layout, more) {
        layout.extend(more);
    }
    layout
}

/// Full opacity from afar, next to nothing near by, where the area would only tint the whole screen.
fn fading(opacity: f64) -> Value {
    json!(["interpolate", ["linear"], ["zoom"], 10, opacity, 13, 0.01])
}

/// Fonts of the reader's computer. The first name is no font: the map reads the weight off it.
fn fonts(lang: Lang) -> Value {
    let latin = ["Segoe UI", "Noto Sans", "Helvetica Neue", "Arial"];
    let cjk = ["Source Han Sans SC", "Noto Sans CJK SC", "Noto Sans SC", "Microsoft YaHei", "PingFang SC"];
    let before: &[&str] = if lang == Lang::En { &latin } else { &[] };
    json!([&["Shigu Regular"], before, &cjk].concat())
}

fn kind(kind: &str) -> Value {
    json!(["==", ["get", "kind"], kind])
}

fn area() -> Value {
    json!(["==", ["geometry-type"], "Polygon"])
}

fn by_status(prefix: &str) -> Value {
    json!(["concat", format!("{prefix}-"), ["coalesce", ["get", "status"], "existing"]])
}
