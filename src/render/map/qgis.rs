//! The style table for QGIS (3.22 and later): a project with the vector tiles drawn by it and every collection as a layer
//! of OGC API - Features, switched off until it is wanted.

use super::palette::{Ink, Theme};
use super::table::{Color, Drawn, Label, Marker, Paint, Pick, Picture, Rule, Words, stack};
use super::zooms::Zooms;
use crate::core::model::{Draw, GeometryKind, Lang, Role};
use crate::core::snapshot::{Class, Classes, Description};
use crate::render::drawing::{channels, escaped as escape};
use std::fmt::Write as _;

/// The zoom whose sizes are taken: QGIS draws a symbol alike at all zooms.
const ZOOM: f64 = 11.0;
/// Tiles are cut for screens of 512 pixels a tile, QGIS counts in 256.
const SHIFT: f64 = 1.0;

/// Id of the layer of tiles; QGIS gives one of ten characters or fewer another.
const TILES: &str = "shigu-vector-tiles";

/// A project: `base` is the address of the service, `template` that of its tiles.
pub fn qgis(about: &Description, lang: Lang, base: &str, template: &str) -> String {
    let writer = Writer { lang, classes: &about.classes };
    let title = escape(about.manifest.title.get(lang));
    let source = escape(&format!("type=xyz&url={}&zmin=0&zmax=16", encoded(template)));
    let tiles = if lang == Lang::En { "Map (vector tiles)" } else { "地图(矢量瓦片)" };
    let mut tree = entry(TILES, tiles, "vectortile", &source, true);
    let mut layers = format!(
        "<maplayer type=\"vector-tile\"><id>{TILES}</id><datasource>{source}</datasource><layername>{tiles}</layername>\
         <provider>vectortile</provider>{}{}{}<layerOpacity>1</layerOpacity></maplayer>\n",
        system(3857),
        writer.renderer(about),
        writer.labeling(about),
    );
    for layer in about.collections.iter().rev() {
        let (id, name) = (escape(&layer.spec.id), escape(layer.spec.title.get(lang)));
        let source = escape(&format!("url='{base}' typename='{}'", layer.spec.id));
        tree += &entry(&format!("shigu-items-{id}"), &name, "OAPIF", &source, false);
        let geometry = match layer.spec.geometry {
            GeometryKind::Point => " geometry=\"Point\"",
            GeometryKind::Line => " geometry=\"Line\"",
            GeometryKind::Polygon => " geometry=\"Polygon\"",
            GeometryKind::Any => "",
        };
        let _ = writeln!(
            layers,
            "<maplayer type=\"vector\"{geometry}><id>shigu-items-{id}</id><datasource>{source}</datasource>\
             <layername>{name}</layername><provider encoding=\"UTF-8\">OAPIF</provider>{}</maplayer>",
            system(4326),
        );
    }
    let b = about.view();
    let corner = |lon: f64, lat: f64| crate::core::geometry::Crs::WebMercator.project(geo::Coord { x: lon, y: lat });
    let (low, high) = (corner(b.west, b.south), corner(b.east, b.north));
    let [red, green, blue] = channels(Theme::Light.color(Ink::Sea));
    format!(
        "<!DOCTYPE qgis PUBLIC 'http://mrcc.com/qgis.dtd' 'SYSTEM'>\n<qgis version=\"3.22.0\" projectname=\"{title}\">\n\
         <title>{title}</title>\n<projectCrs>{crs}</projectCrs>\n<layer-tree-group>\n{tree}</layer-tree-group>\n\
         <mapcanvas name=\"theMapCanvas\"><units>meters</units><extent><xmin>{}</xmin><ymin>{}</ymin><xmax>{}</xmax>\
         <ymax>{}</ymax></extent><destinationsrs>{crs}</destinationsrs></mapcanvas>\n<projectlayers>\n{layers}</projectlayers>\n\
         <properties><SpatialRefSys><ProjectionsEnabled type=\"int\">1</ProjectionsEnabled></SpatialRefSys><Gui><CanvasColorRedPart type=\"int\">{red}</CanvasColorRedPart>\
         <CanvasColorGreenPart type=\"int\">{green}</CanvasColorGreenPart>\
         <CanvasColorBluePart type=\"int\">{blue}</CanvasColorBluePart></Gui></properties>\n</qgis>\n",
        low.x,
        low.y,
        high.x,
        high.y,
        crs = reference(3857),
    )
}

fn entry(id: &str, name: &str, provider: &str, source: &str, shown: bool) -> String {
    let checked = if shown { "Qt::Checked" } else { "Qt::Unchecked" };
    format!(
        "<layer-tree-layer id=\"{id}\" name=\"{name}\" providerKey=\"{provider}\" source=\"{source}\" checked=\"{checked}\"/>\n"
    )
}

fn system(code: u32) -> String {
    format!("<srs>{}</srs>", reference(code))
}

/// A reference system; without QGIS's own number of it, it would not be valid.
fn reference(code: u32) -> String {
    let own = if code == 4326 { 3452 } else { code };
    format!("<spatialrefsys><srsid>{own}</srsid><srid>{code}</srid><authid>EPSG:{code}</authid></spatialrefsys>")
}

/// A value of QGIS's own query string.
fn encoded(template: &str) -> String {
    template.chars().fold(String::new(), |mut out, c| {
        match c {
            '{' => out.push_str("%7B"),
            '}' => out.push_str("%7D"),
            '&' => out.push_str("%26"),
            '%' => out.push_str("%25"),
            other => out.push(other),
        }
        out
    })
}

/// Writes rules as QGIS styles.
struct Writer<'a> {
    lang: Lang,
    classes: &'a Classes,
}

/// A symbol for some of a rule's features.
struct Styled {
    name: String,
    condition: String,
    symbol: String,
}

impl Writer<'_> {
    fn renderer(&self, about: &Description) -> String {
        let (mut styles, zooms) = (String::new(), Zooms::of(about));
        for Drawn { id, place, rule, .. } in &stack(about) {
            for styled in self.symbols(rule) {
                let name = styled.name.replacen(rule.id, id, 1);
                let collection = &about.collections[*place].spec.id;
                styles += &open(rule, zooms, collection, &name, &styled.condition, geometry(rule));
                let _ = writeln!(styles, "<symbols>{}</symbols></style>", styled.symbol);
            }
        }
        format!("<renderer type=\"basic\"><styles>\n{styles}</styles></renderer>")
    }

    fn symbols(&self, rule: &Rule<'_>) -> Vec<Styled> {
        let base = condition(rule.pick);
        let one = |symbol| vec![Styled { name: rule.id.to_owned(), condition: base.clone(), symbol }];
        match rule.paint {
            Paint::Fill { color: Color::Cluster, opacity, .. } => self.by_cluster(rule, |color| {
                let color = rgba(color, opacity.at(ZOOM, 1));
                let options = [("color", color), ("outline_style", "no".to_owned()), ("style", "solid".into())];
                symbol("fill", "SimpleFill", &options)
            }),
            Paint::Line { color: Color::Cluster, width, .. } => self.by_cluster(rule, |color| {
                let ty = if geometry(rule) == 2 { "fill" } else { "line" };
                let width = [("line_width", width.to_string()), ("line_width_unit", "Pixel".into())];
                symbol(ty, "SimpleLine", &[("line_color", rgba(color, 1.0)), width[0].clone(), width[1].clone()])
            }),
            Paint::Fill { color: Color::Ink(color), opacity, outline, .. } => {
                let style = if outline.is_some() { "solid" } else { "no" };
                one(symbol(
                    "fill",
                    "SimpleFill",
                    &[
                        ("color", rgba(ink(color), opacity.at(ZOOM, 1))),
                        ("outline_color", rgba(ink(outline.unwrap_or(color)), 1.0)),
                        ("outline_style", style.to_owned()),
                        ("outline_width", "1".into()),
                        ("outline_width_unit", "Pixel".into()),
                        ("style", "solid".into()),
                    ],
                ))
            }
            Paint::Line { color: Color::Ink(color), width, opacity, dash, .. } => {
                // QGIS wants lengths, the table has widths of the line
                let lengths = dash.iter().map(|d| (d * width).to_string()).collect::<Vec<_>>().join(";");
                // areas can be drawn by their outlines
                let ty = if geometry(rule) == 2 { "fill" } else { "line" };
                one(symbol(
                    ty,
                    "SimpleLine",
                    &[
                        ("line_color", rgba(ink(color), opacity)),
                        ("line_width", width.to_string()),
                        ("line_width_unit", "Pixel".into()),
                        ("capstyle", if dash.is_empty() { "round" } else { "flat" }.into()),
                        ("joinstyle", "round".into()),
                        ("use_custom_dash", if dash.is_empty() { "0" } else { "1" }.into()),
                        ("customdash", if dash.is_empty() { "5;2".into() } else { lengths }),
                        ("customdash_unit", "Pixel".into()),
                    ],
                ))
            }
            Paint::Circle { color: Color::Ink(color), radius, opacity } => {
                // here a cell is four pixels of a tile, not 64
                let radius = if rule.pick == Pick::Cells { 3.0 } else { radius.at(ZOOM, 1) };
                one(marker("circle", radius * 2.0, &rgba(ink(color), opacity), ink(Ink::Halo)))
            }
            Paint::Circle { color: Color::Cluster, radius, .. } => {
                let size = radius.at(ZOOM, 1) * 2.0;
                self.by_cluster(rule, |color| marker("circle", size, &rgba(color, 1.0), ink(Ink::Halo)))
            }
            Paint::Marker { shape, color, radius } => {
                let (name, angle) = match shape {
                    Marker::Cross => ("cross_fill", 0),
                    Marker::Wedge => ("triangle", 180),
                    other => (other.name(), 0),
                };
                one(turned(name, radius * 2.5, &rgba(ink(color), 1.0), ink(Ink::Halo), angle))
            }
            Paint::Symbol { icon: Some(icon), .. } => match icon.picture {
                Picture::Status(_) => status(rule, icon.size.map_or(1.0, |s| s.at(ZOOM, 1))),
                Picture::Lead => one(marker("square", 8.0, &rgba(ink(Ink::Lead), 1.0), ink(Ink::Halo))),
                // the disc under it has the colour already; here no cell is wide enough for a ring
                Picture::Mark | Picture::Ring => vec![],
            },
            Paint::Symbol { icon: None, .. } => vec![],
        }
    }

    /// A symbol in the colour of each cluster, and one for the rest.
    fn by_cluster(&self, rule: &Rule<'_>, symbol: impl Fn(&str) -> String) -> Vec<Styled> {
        let base = condition(rule.pick);
        let base = if base.is_empty() { base } else { format!("{base} AND ") };
        let coded = self.classes.list().iter().filter_map(|class| Some((class.code.as_deref()?, class)));
        let entries: Vec<(&str, &Class)> = coded.collect();
        let styled = |name: &str, more: String, color: &str| Styled {
            name: format!("{} {name}", rule.id),
            condition: format!("{base}{more}"),
            symbol: symbol(color),
        };
        let codes = entries.iter().map(|(code, _)| format!("'{code}'")).collect::<Vec<_>>().join(", ");
        let rest = if codes.is_empty() {
            "TRUE".into()
        } else {
            format!("(\"cluster\" IS NULL OR \"cluster\" NOT IN ({codes}))")
        };
        let mut out = vec![styled("-", rest, ink(Ink::Unclassified))];
        let by_code = |(code, class): &(&str, &Class)| {
            styled(class.name.get(self.lang), format!("\"cluster\" = '{code}'"), &class.color)
        };
        out.extend(entries.iter().map(by_code));
        out
    }

    fn labeling(&self, about: &Description) -> String {
        let (mut styles, zooms) = (String::new(), Zooms::of(about));
        for Drawn { id, place, rule, .. } in &stack(about) {
            let Paint::Symbol { label: Some(label), .. } = rule.paint else { continue };
            if label.words == Words::Count {
                continue;
            }
            styles += &open(rule, zooms, &about.collections[*place].spec.id, id, &condition(rule.pick), 0);
            let _ = writeln!(styles, "<settings calloutType=\"simple\">{}</settings></style>", self.text(label));
        }
        format!("<labeling type=\"basic\"><styles>\n{styles}</styles></labeling>")
    }

    fn text(&self, label: Label) -> String {
        let name = match (label.words, self.lang) {
            (Words::Short, Lang::Zh) => "coalesce(\"short_name\", \"name\")",
            (_, Lang::Zh) => "\"name\"",
            (_, Lang::En) => "coalesce(\"name_en\", \"name\")",
        };
        let halo = label.halo.map_or(String::new(), |width| {
            format!(
                "<text-buffer bufferDraw=\"1\" bufferSize=\"{width}\" bufferSizeUnits=\"Pixel\" bufferColor=\"{}\" bufferOpacity=\"1\" bufferNoFill=\"0\" bufferJoinStyle=\"128\"/>",
                rgba(ink(Ink::Halo), 1.0)
            )
        });
        format!(
            "<text-style fieldName=\"{}\" isExpression=\"1\" fontSize=\"12\" fontSizeUnit=\"Pixel\" textColor=\"{}\" textOpacity=\"1\" fontLetterSpacing=\"{}\" fontWeight=\"50\">{halo}</text-style>\
             <placement placement=\"{}\" dist=\"1\" priority=\"5\"/><rendering drawLabels=\"1\" obstacle=\"1\" scaleVisibility=\"0\"/>",
            escape(name),
            rgba(ink(label.ink), 1.0),
            label.spacing.unwrap_or(0.0) * 12.0,
            // around a point, or over it
            if label.halo.is_some() && label.spacing.is_none() { 6 } else { 1 },
        )
    }
}

/// The beginning of a style of a layer of the tiles.
fn open(rule: &Rule<'_>, zooms: Zooms, collection: &str, name: &str, condition: &str, geometry: u8) -> String {
    let names = if rule.pick == Pick::Names { "-label" } else { "" };
    let from = zooms.from(rule).map_or(-1, |zoom| (zoom + SHIFT).ceil() as i32);
    format!(
        "<style layer=\"{}{names}\" name=\"{}\" enabled=\"1\" geometry=\"{geometry}\" min-zoom=\"{from}\" max-zoom=\"-1\" expression=\"{}\">",
        escape(collection),
        escape(name),
        escape(condition)
    )
}

/// QGIS's number of the sort of geometry that a rule draws.
fn geometry(rule: &Rule<'_>) -> u8 {
    match rule.paint {
        Paint::Fill { .. } => 2,
        // outlines of areas are lines in the symbol, areas in the tile
        Paint::Line { .. } if matches!(rule.role, Role::Districts | Role::Zones) => 2,
        Paint::Line { .. } if rule.part == Some(Draw::Corridor) || rule.pick == Pick::Areas => 2,
        Paint::Line { .. } => 1,
        Paint::Circle { .. } | Paint::Marker { .. } | Paint::Symbol { .. } => 0,
    }
}

fn condition(pick: Pick<'_>) -> String {
    match pick {
        Pick::All | Pick::Names | Pick::Lines | Pick::Areas | Pick::Points => String::new(),
        Pick::Kind(kind) => format!("\"kind\" = '{}'", kind.replace('\'', "''")),
        Pick::Cells => "\"n\" IS NOT NULL".into(),
        Pick::Singles => "\"n\" IS NULL".into(),
        Pick::NotNodes => "\"layout_role\" IS NULL OR \"layout_role\" <> 'node'".into(),
    }
}

/// Diamonds: filled = existing, light = added after the plan, hollow = planned.
fn status(rule: &Rule<'_>, scale: f64) -> Vec<Styled> {
    let (plan, ground) = (ink(Ink::Plan), ink(Ink::Halo));
    let color = if rule.role == Role::Layout { plan } else { ink(Ink::Lead) };
    let styled = |name: &str, condition: &str, fill: String| Styled {
        name: format!("{} {name}", rule.id),
        condition: match self::condition(rule.pick).as_str() {
            "" => condition.to_owned(),
            base => format!("({base}) AND {condition}"),
        },
        symbol: marker("diamond", 15.0 * scale, &fill, color),
    };
    vec![
        styled("existing", "coalesce(\"status\", 'existing') = 'existing'", rgba(color, 1.0)),
        styled("later", "\"status\" = 'later'", rgba(&super::palette::mix(color, ground, 0.5), 1.0)),
        styled("planned", "\"status\" = 'planned'", rgba(ground, 1.0)),
    ]
}

fn marker(shape: &str, size: f64, color: &str, outline: &str) -> String {
    turned(shape, size, color, outline, 0)
}

/// A marker turned clockwise by so many degrees.
fn turned(shape: &str, size: f64, color: &str, outline: &str, angle: u16) -> String {
    symbol(
        "marker",
        "SimpleMarker",
        &[
            ("name", shape.into()),
            ("angle", angle.to_string()),
            ("size", size.to_string()),
            ("size_unit", "Pixel".into()),
            ("color", color.into()),
            ("outline_color", rgba(outline, 1.0)),
            ("outline_width", "1".into()),
            ("outline_width_unit", "Pixel".into()),
            ("outline_style", "solid".into()),
        ],
    )
}

fn symbol(ty: &str, class: &str, options: &[(&str, String)]) -> String {
    let mut all = String::new();
    for (name, value) in options {
        let _ = write!(all, "<Option type=\"QString\" name=\"{name}\" value=\"{value}\"/>");
    }
    format!(
        "<symbol type=\"{ty}\" name=\"0\" alpha=\"1\" force_rhr=\"0\" clip_to_extent=\"1\"><layer class=\"{class}\" enabled=\"1\" locked=\"0\" pass=\"0\"><Option type=\"Map\">{all}</Option></layer></symbol>"
    )
}

fn ink(ink: Ink) -> &'static str {
    Theme::Light.color(ink)
}

fn rgba(color: &str, opacity: f64) -> String {
    let [red, green, blue] = channels(color);
    format!("{red},{green},{blue},{}", (opacity * 255.0).round())
}
