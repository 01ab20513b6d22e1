//! The style table for MapLibre (style specification v8). The style needs no glyphs, sprites or other origin: text is
//! drawn with the reader's own fonts, and the page draws the named pictures (`node-*`, `platform-*`, `lead`, `mark-*`, `ring-*`,
//! `point-*`).

use super::fade;
use super::palette::{Ink, Theme};
use super::table::{CROWD, Cap, Color, Drawn, Icon, Label, Paint, Pick, Picture, Place, Ramp, Words, stack};
use super::zooms::Zooms;
use crate::core::model::{CodelistEntry, Lang, Role};
use crate::core::snapshot::Description;
use serde_json::{Map, Value, json};

/// A style with one vector source `shigu`, whose tiles follow `template`.
pub fn style(about: &Description, theme: Theme, lang: Lang, template: &str) -> Value {
    let writer = Writer { theme, lang, classes: about.every_class(), zooms: Zooms::of(about) };
    let mut layers =
        vec![json!({"id": "background", "type": "background", "paint": {"background-color": writer.ink(Ink::Sea)}})];
    let attribution: Vec<&str> =
        about.collections.iter().filter(|l| l.spec.role == Role::Districts).map(|l| l.spec.source.get(lang)).collect();
    let mut bounds = about.bounds;
    about.collections.iter().for_each(|layer| bounds.join(&layer.bounds));
    let mut sources = json!({"shigu": {
        "type": "vector", "tiles": [template], "minzoom": 0, "maxzoom": 18,
        "bounds": bounds.to_array(), "attribution": attribution.join(" · "), "promoteId": "fid",
    }});
    for drawn in stack(about) {
        let layer = writer.layer(&about.collections[drawn.place].spec.id, &drawn);
        let fading = drawn.covers(about).and_then(fade::fading).map(|areas| {
            let id = format!("{}-fade", drawn.id);
            sources[&id] = json!({"type": "geojson", "data": areas});
            let mut metadata = json!({"shigu:fading": true});
            if let Some(group) = drawn.group {
                metadata["shigu:group"] = json!(group);
            }
            let paint =
                json!({"fill-color": writer.ink(Ink::Sea), "fill-opacity": ["get", "opacity"], "fill-antialias": false});
            json!({"id": id, "type": "fill", "source": id, "metadata": metadata, "paint": paint})
        });
        layers.push(layer);
        layers.extend(fading);
    }
    json!({
        "version": 8,
        "name": format!("shigu-{}", if theme == Theme::Light { "light" } else { "dark" }),
        "sources": sources,
        "layers": layers,
    })
}

/// Writes rules as MapLibre layers.
struct Writer<'a> {
    theme: Theme,
    lang: Lang,
    classes: Vec<&'a CodelistEntry>,
    zooms: Zooms,
}

impl Writer<'_> {
    fn ink(&self, ink: Ink) -> &'static str {
        self.theme.color(ink)
    }

    fn color(&self, color: Color) -> Value {
        match color {
            Color::Ink(ink) => json!(self.ink(ink)),
            Color::Cluster => self.cluster_colours(),
        }
    }

    fn layer(&self, collection: &str, drawn: &Drawn<'_>) -> Value {
        let rule = &drawn.rule;
        let (ty, layout, paint) = match rule.paint {
            Paint::Fill { color, opacity, outline, crisp } => {
                let mut paint = json!({"fill-color": self.color(color)});
                match (opacity, outline) {
                    (Ramp::Fixed(1.0), None) if crisp => paint["fill-antialias"] = json!(false),
                    (Ramp::Fixed(1.0), _) => {}
                    _ => paint["fill-opacity"] = self.ramp(opacity),
                }
                if let Some(outline) = outline {
                    paint["fill-outline-color"] = json!(self.ink(outline));
                }
                ("fill", Value::Null, paint)
            }
            Paint::Line { color, width, opacity, dash, cap } => {
                let mut paint = json!({"line-color": self.color(color), "line-width": number(width)});
                if opacity < 1.0 {
                    paint["line-opacity"] = number(opacity);
                }
                if !dash.is_empty() {
                    paint["line-dasharray"] = dash.iter().map(|d| number(*d)).collect();
                }
                let layout = match cap {
                    Cap::Plain => Value::Null,
                    Cap::Join => json!({"line-join": "round"}),
                    Cap::Round => json!({"line-cap": "round", "line-join": "round"}),
                };
                ("line", layout, paint)
            }
            Paint::Circle { color, radius, opacity } => {
                let color = self.color(color);
                // where a crowd of other points is counted, its circle is larger than a point's
                let radius = if rule.role == Role::Features {
                    json!(["case", ["has", "n"], number(CROWD), self.ramp(radius)])
                } else {
                    self.ramp(radius)
                };
                let mut paint = json!({"circle-color": color, "circle-radius": radius,
                    "circle-stroke-color": self.ink(Ink::Halo), "circle-stroke-width": 1});
                if opacity < 1.0 {
                    paint["circle-opacity"] = number(opacity);
                }
                ("circle", Value::Null, paint)
            }
            Paint::Marker { shape, radius, .. } => {
                let crowd = json!(["case", ["has", "n"], number(CROWD / radius), 1]);
                let layout = json!({"icon-image": format!("point-{}", shape.name()), "icon-size": crowd,
                    "icon-allow-overlap": true, "icon-ignore-placement": true});
                ("symbol", layout, Value::Null)
            }
            Paint::Symbol { icon, label } => self.symbol(icon, label),
        };
        let names = if rule.pick == Pick::Names { "-label" } else { "" };
        let mut layer =
            json!({"id": drawn.id, "type": ty, "source": "shigu", "source-layer": format!("{collection}{names}")});
        if let Some(group) = drawn.group {
            layer["metadata"] = json!({"shigu:group": group});
        }
        if let Some(filter) = filter(rule.pick) {
            layer["filter"] = filter;
        }
        if let Some(zoom) = self.zooms.from(rule) {
            layer["minzoom"] = number(zoom);
        }
        for (key, value) in [("layout", layout), ("paint", paint)] {
            if !value.is_null() {
                layer[key] = value;
            }
        }
        layer
    }

    fn symbol(&self, icon: Option<Icon>, label: Option<Label>) -> (&'static str, Value, Value) {
        let (mut layout, mut paint) = (Map::new(), Value::Null);
        if let Some(icon) = icon {
            let image = match icon.picture {
                Picture::Status(family) => {
                    json!(["concat", format!("{family}-"), ["coalesce", ["get", "status"], "existing"]])
                }
                Picture::Ring => {
                    let part = |name: &str, none: Value| json!(["coalesce", ["get", name], none]);
                    let [first, second, third] = ["cluster", "second", "third"].map(|name| part(name, json!("")));
                    json!(["concat", "ring-", part("mix", json!(0)), "/", first, "/", second, "/", third])
                }
                Picture::Lead => json!("lead"),
                Picture::Mark => json!(["concat", "mark-", ["coalesce", ["get", "cluster"], "none"]]),
            };
            layout.insert("icon-image".into(), image);
            let overlap = icon.overlap.map(|zoom| {
                if zoom > 0.0 {
                    json!(["step", ["zoom"], false, number(self.zooms.at(zoom)), true])
                } else {
                    json!(true)
                }
            });
            let rest = [
                ("icon-size", icon.size.map(|size| self.ramp(size))),
                ("icon-allow-overlap", overlap),
                ("icon-padding", icon.padding.map(|p| json!(p))),
                // rings never touch, and names keep clear of the numbers in them
                ("icon-ignore-placement", (icon.picture == Picture::Ring).then(|| json!(true))),
            ];
            layout.extend(rest.into_iter().filter_map(|(key, value)| Some((key.to_owned(), value?))));
        }
        if let Some(label) = label {
            layout.extend(self.text(label));
            paint = json!({"text-color": self.ink(label.ink)});
            if let Some(halo) = label.halo {
                paint["text-halo-color"] = json!(self.ink(Ink::Halo));
                paint["text-halo-width"] = number(halo);
            }
        }
        ("symbol", layout.into(), paint)
    }

    fn text(&self, label: Label) -> Map<String, Value> {
        let name = match self.lang {
            Lang::Zh => json!(["get", "name"]),
            Lang::En => json!(["coalesce", ["get", "name_en"], ["get", "name"]]),
        };
        let field = match (label.words, self.lang) {
            (Words::Count, _) => json!(["to-string", ["get", "n"]]),
            (Words::Short, Lang::Zh) => json!(["coalesce", ["get", "short_name"], ["get", "name"]]),
            (Words::Name | Words::Short, _) => name,
            (Words::PlannedBelow(zoom), _) => {
                let planned = json!(["case", ["==", ["get", "status"], "planned"], name, ""]);
                json!(["step", ["zoom"], planned, number(self.zooms.at(zoom)), name])
            }
        };
        let mut layout = json!({"text-field": field, "text-size": 12, "text-font": fonts(self.lang)});
        let more = match label.place {
            Place::On if label.words == Words::Count => json!({"text-allow-overlap": true, "text-padding": 0}),
            Place::On => json!({}),
            // without a free side the name is left out
            Place::Around(offset, padding) => json!({
                "text-variable-anchor": ["left", "right", "top", "bottom"], "text-radial-offset": number(offset),
                "text-optional": true, "text-padding": padding, "text-max-width": 9, "text-justify": "auto",
            }),
            Place::Below => {
                json!({"text-anchor": "top", "text-offset": [0, 1], "text-max-width": 9, "text-optional": true})
            }
        };
        if let Some(spacing) = label.spacing {
            layout["text-letter-spacing"] = number(spacing);
        }
        match (layout, more) {
            (Value::Object(mut layout), Value::Object(more)) => {
                layout.extend(more);
                layout
            }
            _ => Map::new(),
        }
    }

    fn cluster_colours(&self) -> Value {
        let none = self.ink(Ink::Unclassified);
        if self.classes.is_empty() {
            return json!(none);
        }
        let mut cases = vec![json!("match"), json!(["get", "cluster"])];
        for e in &self.classes {
            cases.push(json!(e.code));
            cases.push(json!(if self.theme == Theme::Light { &e.color } else { &e.color_dark }));
        }
        cases.push(json!(none));
        Value::Array(cases)
    }

    fn ramp(&self, ramp: Ramp) -> Value {
        let (stops, of, shift) = match ramp {
            Ramp::Fixed(v) => return number(v),
            Ramp::Zoom(stops) => (stops, json!(["zoom"]), self.zooms.shift),
            Ramp::Root(stops) => (stops, json!(["sqrt", ["get", "n"]]), 0.0),
        };
        let mut out = vec![json!("interpolate"), json!(["linear"]), of];
        out.extend(stops.iter().flat_map(|(x, v)| [number(*x + shift), number(*v)]));
        Value::Array(out)
    }
}

fn filter(pick: Pick<'_>) -> Option<Value> {
    match pick {
        Pick::All | Pick::Names => None,
        Pick::Kind(kind) => Some(json!(["==", ["get", "kind"], kind])),
        Pick::Lines => Some(json!(["==", ["geometry-type"], "LineString"])),
        Pick::Areas => Some(json!(["==", ["geometry-type"], "Polygon"])),
        Pick::Points => Some(json!(["==", ["geometry-type"], "Point"])),
        Pick::Cells => Some(json!(["has", "n"])),
        Pick::Singles => Some(json!(["!", ["has", "n"]])),
        Pick::NotNodes => Some(json!(["!=", ["get", "layout_role"], "node"])),
    }
}

/// Whole numbers without a point.
fn number(v: f64) -> Value {
    if v.fract() == 0.0 { json!(v as i64) } else { json!(v) }
}

/// Fonts of the reader's computer. The first name is no font: the map reads the weight off it.
fn fonts(lang: Lang) -> Value {
    let latin = ["Segoe UI", "Noto Sans", "Helvetica Neue", "Arial"];
    let cjk = ["Source Han Sans SC", "Noto Sans CJK SC", "Noto Sans SC", "Microsoft YaHei", "PingFang SC"];
    let before: &[&str] = if lang == Lang::En { &latin } else { &[] };
    json!([&["Shigu Regular"], before, &cjk].concat())
}
