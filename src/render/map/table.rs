//! The style table: what each role's features look like, once. `style` writes it for MapLibre, `draw` draws by it and
//! `legend` lists it.

use super::palette::Ink;
use crate::core::geometry::Bounds;
use crate::core::model::{Draw, GeometryKind, GroupSymbol, PartSpec, Role, ZoneKind};
use crate::core::snapshot::{CollectionInfo, Description};
use std::collections::HashSet;

/// A value that may change with the zoom or with a cell's number.
#[derive(Clone, Copy, Debug)]
pub(super) enum Ramp {
    /// Always the same.
    Fixed(f64),
    /// Between stops (zoom, value); as at the first before it and as at the last after it.
    Zoom(&'static [(f64, f64)]),
    /// Between stops (square root of the number of rows, value).
    Root(&'static [(f64, f64)]),
}

impl Ramp {
    /// The value at a zoom, for `n` rows.
    pub(super) fn at(self, zoom: f64, n: u64) -> f64 {
        let (stops, x) = match self {
            Self::Fixed(v) => return v,
            Self::Zoom(stops) => (stops, zoom),
            Self::Root(stops) => (stops, (n as f64).sqrt()),
        };
        let after = stops.iter().position(|s| s.0 > x).unwrap_or(stops.len());
        match (after.checked_sub(1).map(|i| stops[i]), stops.get(after)) {
            (Some((x0, a)), Some(&(x1, b))) => a + (b - a) * (x - x0) / (x1 - x0),
            (Some((_, v)), None) | (None, Some(&(_, v))) => v,
            (None, None) => 0.0,
        }
    }
}

/// Which features of a collection a rule is for.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Pick<'a> {
    /// All of them.
    All,
    /// Those whose property `kind` is this.
    Kind(&'a str),
    /// Lines.
    Lines,
    /// Polygons.
    Areas,
    /// Points.
    Points,
    /// Counted cells.
    Cells,
    /// Single rows.
    Singles,
    /// Those whose `layout_role` isn't `node`: a platform that is a node of the layout is drawn there.
    NotNodes,
    /// The places of names of a collection's areas.
    Names,
}

/// The colour of a mark.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Color {
    /// Of the palette.
    Ink(Ink),
    /// Of the row's cluster.
    Cluster,
}

/// A named picture, drawn by whoever reads the table.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Picture {
    /// A diamond: filled = existing, half = added after the plan, hollow = planned; named `{family}-{status}`.
    Status(&'static str),
    /// A square.
    Lead,
    /// A disc with the character of the row's cluster, named `mark-{cluster}`.
    Mark,
    /// A ring of the classes of a cell's rows, named `ring-{mix}/{cluster}/{second}/{third}` after what the cell carries.
    Ring,
}

/// A picture at a point.
#[derive(Clone, Copy, Debug)]
pub(super) struct Icon {
    pub(super) picture: Picture,
    pub(super) size: Option<Ramp>,
    /// From this zoom on it's drawn over others too; 0 for always, `None` for never.
    pub(super) overlap: Option<f64>,
    pub(super) padding: Option<u8>,
}

/// What is written.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Words {
    /// The name.
    Name,
    /// The short name, where there is one.
    Short,
    /// The name; below this zoom only of what is newly planned: the names that the plan itself gives.
    PlannedBelow(f64),
    /// The number of a cell.
    Count,
}

/// Where it is written.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Place {
    /// On the point.
    On,
    /// On whichever side of the point is free, this many em away, with this much padding in pixels.
    Around(f64, u8),
    /// Under the point.
    Below,
}

/// A text at a point. All are 12 px.
#[derive(Clone, Copy, Debug)]
pub(super) struct Label {
    pub(super) words: Words,
    pub(super) place: Place,
    pub(super) ink: Ink,
    /// Width of the halo in pixels; `None` for none.
    pub(super) halo: Option<f64>,
    /// Between characters, in em.
    pub(super) spacing: Option<f64>,
}

/// How a rule draws.
#[derive(Clone, Copy, Debug)]
pub(super) enum Paint {
    /// Areas. `crisp` ones meet without a seam.
    Fill { color: Color, opacity: Ramp, outline: Option<Ink>, crisp: bool },
    /// Lines; `dash` in widths.
    Line { color: Color, width: f64, opacity: f64, dash: &'static [f64], cap: Cap },
    /// Discs.
    Circle { color: Color, radius: Ramp, opacity: f64 },
    /// The symbol of a layer, at each of its points: `radius` pixels about it, where a crowd is counted [`CROWD`].
    Marker { shape: Marker, color: Ink, radius: f64 },
    /// Pictures and texts.
    Symbol { icon: Option<Icon>, label: Option<Label> },
}

/// Of the picture of a ring, in pixels.
pub(super) const RING_RADIUS: f64 = 20.0;

/// How far the symbol of a crowd reaches, in pixels.
pub(super) const CROWD: f64 = 9.0;

/// A shape that tells the points of a layer from those of others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Marker {
    Triangle,
    Wedge,
    Star,
    Cross,
}

impl Marker {
    /// The shape of a layer's switch; none for a disc.
    pub(super) fn of(symbol: GroupSymbol) -> Option<Self> {
        Some(match symbol {
            GroupSymbol::Triangle => Self::Triangle,
            GroupSymbol::Wedge => Self::Wedge,
            GroupSymbol::Star => Self::Star,
            GroupSymbol::Cross => Self::Cross,
            _ => return None,
        })
    }

    /// What the picture is called in styles, after `point-`.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Triangle => "triangle",
            Self::Wedge => "wedge",
            Self::Star => "star",
            Self::Cross => "cross",
        }
    }
}

/// Ends and corners of lines.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Cap {
    /// As they are.
    Plain,
    /// Round corners.
    Join,
    /// Round corners and ends.
    Round,
}

/// In which sweep over the collections a rule is drawn: areas under lines under points, symbols of the structure on
/// top.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Sweep {
    Areas,
    Lines,
    Points,
    /// Above all names: names keep clear of them.
    Top,
}

/// One layer of the map.
#[derive(Clone, Copy, Debug)]
pub(super) struct Rule<'a> {
    /// Id of the layer; one that begins with `-` follows the collection's id.
    pub(super) id: &'static str,
    pub(super) role: Role,
    pub(super) sweep: Sweep,
    pub(super) pick: Pick<'a>,
    /// Of a layout: the parts it is for.
    pub(super) part: Option<Draw>,
    /// Drawn from this zoom on.
    pub(super) from: Option<f64>,
    pub(super) paint: Paint,
}

/// A rule for a collection, or for a part of it: one layer of the map.
#[derive(Clone, Debug)]
pub(super) struct Drawn<'a> {
    /// Id of the layer, unique in the map.
    pub(super) id: String,
    /// Place of the collection.
    pub(super) place: usize,
    /// The rule, its features picked.
    pub(super) rule: Rule<'a>,
    /// The part of a layout.
    pub(super) part: Option<&'a PartSpec>,
    /// Its layer group; `None` for what is always shown.
    pub(super) group: Option<&'a str>,
}

impl Drawn<'_> {
    /// The box that the areas of the layer cover, where they are a background that ends.
    pub(super) fn covers(&self, about: &Description) -> Option<Bounds> {
        let areas = self.rule.role == Role::Base && matches!(self.rule.paint, Paint::Fill { .. });
        about.collections[self.place].spec.covers.filter(|_| areas).map(Bounds::from_array)
    }
}

impl<'a> Rule<'a> {
    /// What is drawn of a collection by this rule: once, or once for each part that is drawn so.
    fn of(self, layer: &'a CollectionInfo) -> Vec<(Rule<'a>, Option<&'a PartSpec>)> {
        if self.role == Role::Register {
            return self.of_register(layer).map(|rule| (rule, None)).into_iter().collect();
        }
        let Some(draw) = self.part else { return vec![(self, None)] };
        if layer.spec.parts.is_empty() {
            let pick = match draw {
                Draw::Axis => Pick::Lines,
                Draw::Corridor => Pick::Areas,
                Draw::Node => Pick::Points,
                Draw::Belt => return vec![],
            };
            return vec![(Rule { pick, ..self }, None)];
        }
        let parts = layer.spec.parts.iter().filter(|p| p.draw == draw);
        parts.map(|p| (Rule { pick: Pick::Kind(&p.value), ..self }, Some(p))).collect()
    }

    /// The rule for a register of such rows: points are counted in cells, areas and lines are themselves at any zoom, and
    /// what is written stands where their names do.
    fn of_register(self, layer: &CollectionInfo) -> Option<Self> {
        // without classes there is none to mark
        let classified = layer.spec.register.as_ref().is_some_and(|register| register.cluster.is_some());
        if matches!(self.paint, Paint::Symbol { icon: Some(Icon { picture: Picture::Mark, .. }), .. }) && !classified {
            return None;
        }
        if layer.points {
            return (!matches!(self.pick, Pick::Areas | Pick::Lines)).then_some(self);
        }
        let may = |kind| layer.spec.geometry == kind || layer.spec.geometry == GeometryKind::Any;
        let pick = match self.pick {
            Pick::Areas if may(GeometryKind::Polygon) => Pick::Areas,
            Pick::Lines if may(GeometryKind::Line) => Pick::Lines,
            Pick::Singles if matches!(self.paint, Paint::Symbol { .. }) => Pick::Names,
            Pick::Singles if may(GeometryKind::Point) => Pick::Points,
            _ => return None,
        };
        Some(Self { pick, ..self })
    }
}

/// From here on the register is drawn itself; before, districts are shaded by number.
pub(super) const REGISTER_FROM: f64 = 11.0;
/// Five steps of one hue over the ground, light enough to carry labels.
pub(super) const SHADES: [f64; 5] = [0.05, 0.14, 0.25, 0.38, 0.53];

const fn fill(color: Ink, opacity: Ramp) -> Paint {
    Paint::Fill { color: Color::Ink(color), opacity, outline: None, crisp: false }
}

const fn line(color: Ink, width: f64, opacity: f64, dash: &'static [f64], cap: Cap) -> Paint {
    Paint::Line { color: Color::Ink(color), width, opacity, dash, cap }
}

const fn text(words: Words, place: Place, ink: Ink, halo: f64) -> Label {
    Label { words, place, ink, halo: Some(halo), spacing: None }
}

const fn icon(picture: Picture) -> Icon {
    Icon { picture, size: None, overlap: Some(0.0), padding: Some(0) }
}

const fn rule(id: &'static str, role: Role, sweep: Sweep, pick: Pick<'static>, paint: Paint) -> Rule<'static> {
    Rule { id, role, sweep, pick, part: None, from: None, paint }
}

const fn from(zoom: f64, mut rule: Rule<'static>) -> Rule<'static> {
    rule.from = Some(zoom);
    rule
}

const fn part(draw: Draw, id: &'static str, sweep: Sweep, paint: Paint) -> Rule<'static> {
    let mut rule = rule(id, Role::Layout, sweep, Pick::All, paint);
    rule.part = Some(draw);
    rule
}

const fn symbol(icon: Option<Icon>, label: Option<Label>) -> Paint {
    Paint::Symbol { icon, label }
}

/// The table; rules of a role and sweep in drawing order.
pub(super) const RULES: &[Rule<'static>] = &{
    use Ramp::{Fixed, Root, Zoom};
    use Role::{Base, Districts, Features, Lead, Platforms, Register, Zones};
    use Sweep::{Areas, Lines, Points, Top};
    // full from afar, next to nothing near by, where the area would only tint the whole screen
    const FADING: Ramp = Zoom(&[(10.0, 0.03), (13.0, 0.01)]);
    const FADING_ZONES: Ramp = Zoom(&[(10.0, 0.06), (13.0, 0.03)]);
    const LAND: Paint = Paint::Fill { color: Color::Ink(Ink::Land), opacity: Fixed(1.0), outline: None, crisp: true };
    // the outline keeps narrow rivers in sight; in the same colour, since between a river and the sea there is no line
    const WATER: Paint =
        Paint::Fill { color: Color::Ink(Ink::Water), opacity: Fixed(1.0), outline: Some(Ink::Water), crisp: false };
    const NODE: Icon =
        Icon { size: Some(Zoom(&[(7.0, 0.6), (9.5, 0.85), (12.0, 1.0)])), ..icon(Picture::Status("node")) };
    const MARK: Icon = Icon {
        picture: Picture::Mark,
        size: Some(Zoom(&[(13.0, 0.9), (16.0, 1.1)])),
        overlap: Some(16.0),
        padding: Some(1),
    };
    const LEAD: Icon = Icon { picture: Picture::Lead, size: None, overlap: None, padding: Some(1) };
    const COUNT: Label = Label { words: Words::Count, place: Place::On, ink: Ink::Text, halo: None, spacing: None };
    const WATER_NAME: Label = Label { spacing: Some(0.15), ..text(Words::Name, Place::On, Ink::WaterText, 1.2) };
    // a counted cell: a disc for the number, and about it a ring of its classes, as large
    const CELL: Paint = Paint::Circle {
        color: Color::Ink(Ink::Halo),
        radius: Root(&[(1.4, 8.5), (3.0, 10.0), (10.0, 15.0), (32.0, 19.0)]),
        opacity: 1.0,
    };
    const RING: Icon = Icon {
        picture: Picture::Ring,
        size: Some(Root(&[
            (1.4, 8.5 / RING_RADIUS),
            (3.0, 10.0 / RING_RADIUS),
            (10.0, 15.0 / RING_RADIUS),
            (32.0, 19.0 / RING_RADIUS),
        ])),
        overlap: Some(0.0),
        padding: None,
    };
    const DOT: Paint =
        Paint::Circle { color: Color::Cluster, radius: Zoom(&[(11.0, 3.5), (13.0, 5.0), (16.0, 6.0)]), opacity: 1.0 };
    // rows that are areas or lines: an area is as clear as a dot, and what lies under it is still seen
    const AREA: Paint = Paint::Fill { color: Color::Cluster, opacity: Fixed(0.6), outline: None, crisp: false };
    const EDGE: Paint = Paint::Line { color: Color::Cluster, width: 1.2, opacity: 1.0, dash: &[], cap: Cap::Join };
    const COURSE: Paint = Paint::Line { color: Color::Cluster, width: 3.0, opacity: 1.0, dash: &[], cap: Cap::Round };
    const POINT: Paint = Paint::Circle { color: Color::Ink(Ink::Cell), radius: Fixed(4.0), opacity: 1.0 };
    [
        rule("districts-fill", Districts, Areas, Pick::All, LAND),
        rule("water", Base, Areas, Pick::Areas, WATER),
        // whole and opaque: where outlines run over one another they are one line
        from(9.5, rule("zones-fill", Zones, Areas, Pick::All, fill(Ink::Zone, FADING_ZONES))),
        from(9.5, rule("zones-line", Zones, Areas, Pick::All, line(Ink::Zone, 1.0, 1.0, &[], Cap::Join))),
        part(Draw::Corridor, "corridor-fill", Areas, fill(Ink::Plan, FADING)),
        from(9.5, part(Draw::Corridor, "corridor-line", Areas, line(Ink::Plan, 1.0, 0.35, &[1.0, 3.0], Cap::Plain))),
        rule("-fill", Features, Areas, Pick::Areas, fill(Ink::Cell, Fixed(0.15))),
        rule("-line", Features, Areas, Pick::All, line(Ink::Cell, 1.2, 1.0, &[], Cap::Plain)),
        from(REGISTER_FROM, rule("register-area", Register, Areas, Pick::Areas, AREA)),
        from(REGISTER_FROM, rule("register-edge", Register, Lines, Pick::Areas, EDGE)),
        from(REGISTER_FROM, rule("register-line", Register, Lines, Pick::Lines, COURSE)),
        rule("districts-line", Districts, Lines, Pick::All, line(Ink::Border, 1.0, 1.0, &[4.0, 2.0], Cap::Plain)),
        part(Draw::Belt, "belt-wide", Lines, line(Ink::Plan, 14.0, 0.16, &[], Cap::Round)),
        part(Draw::Belt, "belt", Lines, line(Ink::Plan, 2.5, 1.0, &[3.0, 2.0], Cap::Join)),
        part(Draw::Axis, "axis-casing", Lines, line(Ink::Halo, 9.0, 1.0, &[], Cap::Round)),
        part(Draw::Axis, "axis", Lines, line(Ink::Plan, 5.0, 1.0, &[], Cap::Round)),
        from(REGISTER_FROM, rule("register-cell", Register, Points, Pick::Cells, CELL)),
        from(REGISTER_FROM, rule("register-cell-ring", Register, Points, Pick::Cells, symbol(Some(RING), None))),
        from(REGISTER_FROM, rule("register-dot", Register, Points, Pick::Singles, DOT)),
        from(13.0, rule("register-mark", Register, Points, Pick::Singles, symbol(Some(MARK), None))),
        from(REGISTER_FROM, rule("register-cell-count", Register, Points, Pick::Cells, symbol(None, Some(COUNT)))),
        from(
            16.0,
            rule(
                "register-name",
                Register,
                Points,
                Pick::Singles,
                symbol(None, Some(text(Words::Name, Place::Below, Ink::Soft, 1.6))),
            ),
        ),
        rule("-point", Features, Points, Pick::Points, POINT),
        from(8.5, rule("water-label", Base, Points, Pick::Names, symbol(None, Some(WATER_NAME)))),
        from(
            10.5,
            rule(
                "lead",
                Lead,
                Points,
                Pick::All,
                symbol(Some(LEAD), Some(text(Words::Short, Place::Around(0.7, 3), Ink::Soft, 1.6))),
            ),
        ),
        from(
            10.6,
            rule(
                "platforms-name",
                Platforms,
                Points,
                Pick::NotNodes,
                symbol(None, Some(text(Words::Name, Place::Around(1.1, 2), Ink::Text, 1.6))),
            ),
        ),
        from(
            9.5,
            rule("platforms", Platforms, Top, Pick::NotNodes, symbol(Some(icon(Picture::Status("platform"))), None)),
        ),
        from(
            8.9,
            part(
                Draw::Node,
                "nodes-name",
                Points,
                symbol(None, Some(text(Words::PlannedBelow(9.6), Place::Around(1.2, 2), Ink::PlanText, 1.6))),
            ),
        ),
        part(Draw::Node, "nodes", Top, symbol(Some(NODE), None)),
    ]
};

/// Every layer of the map from the lowest to the highest. The first layer of a rule has the rule's id, others that of
/// their collection and part besides.
pub(super) fn stack(about: &Description) -> Vec<Drawn<'_>> {
    fn of<'a>(
        about: &'a Description,
        layers: &[(usize, &'a CollectionInfo)],
        sweep: Sweep,
        stack: &mut Vec<Drawn<'a>>,
    ) {
        for &(place, layer) in layers {
            let rules = RULES.iter().filter(|r| r.role == layer.spec.role && r.sweep == sweep);
            for (rule, part) in rules.flat_map(|r| r.of(layer)) {
                // the land under everything is no matter of choice
                let land = rule.role == Role::Districts && sweep == Sweep::Areas;
                let group = if land { None } else { about.manifest.group(&layer.spec, part) };
                let collection = &layer.spec.id;
                let mut rule = rule;
                let divide = |kind: &ZoneKind| kind.partition && kind.collections.contains(&place);
                if rule.role == Role::Zones && about.zone_kinds.iter().any(divide) {
                    // zones that cover everything are seen from afar
                    rule.from = None;
                    // and would tint everything: they are outlines, and still found by a click
                    if let Paint::Fill { opacity, .. } = &mut rule.paint {
                        *opacity = Ramp::Fixed(0.0);
                    }
                }
                if let Paint::Circle { color: Color::Ink(color), radius: Ramp::Fixed(radius), .. } = rule.paint
                    && rule.role == Role::Features
                    && let Some(shape) = Marker::of(about.manifest.symbol(&layer.spec))
                {
                    rule.paint = Paint::Marker { shape, color, radius };
                }
                let id = if rule.id.starts_with('-') { format!("{collection}{}", rule.id) } else { rule.id.to_owned() };
                stack.push(Drawn { id, place, rule, part, group });
            }
        }
    }
    // land under water under all else; areas under lines under points, whatever the order of the collections
    let mut ordered: Vec<(usize, &CollectionInfo)> = about.collections.iter().enumerate().collect();
    ordered.sort_by_key(|(_, l)| (l.spec.role != Role::Districts, l.spec.role != Role::Base));
    let mut stack = Vec::new();
    of(about, &ordered, Sweep::Areas, &mut stack);
    of(about, &ordered, Sweep::Lines, &mut stack);
    // enterprises under names, names under the structure that the reader came for; what is on top is placed first
    ordered.sort_by_key(|(_, l)| match l.spec.role {
        Role::Register => 0,
        Role::Features => 1,
        Role::Base => 2,
        Role::Lead => 3,
        Role::Platforms => 4,
        _ => 5,
    });
    of(about, &ordered, Sweep::Points, &mut stack);
    of(about, &ordered, Sweep::Top, &mut stack);
    let mut used = HashSet::new();
    for drawn in &mut stack {
        if !used.contains(&drawn.id) {
            used.insert(drawn.id.clone());
            continue;
        }
        let part = drawn.part.map(|p| format!("-{}", p.value)).unwrap_or_default();
        let own = format!("{}-{}{part}", drawn.id, about.collections[drawn.place].spec.id);
        let numbered = (2..).map(|n| format!("{own}-{n}"));
        drawn.id = std::iter::once(own.clone()).chain(numbered).find(|id| !used.contains(id)).unwrap_or(own);
        used.insert(drawn.id.clone());
    }
    stack
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::query::cell_reach;

    /// `cell_place` keeps a circle of that reach inside its cell, 64 pixels wide, where tiles are drawn at their smallest.
    #[test]
    fn circles_of_cells_reach_no_farther_than_cells_are_placed_for() {
        let rule = RULES.iter().find(|rule| rule.id == "register-cell").unwrap();
        let Paint::Circle { radius, .. } = rule.paint else { panic!("no circle") };
        let ring = RULES.iter().find(|rule| rule.id == "register-cell-ring").unwrap();
        let Paint::Symbol { icon: Some(Icon { size: Some(size), .. }), .. } = ring.paint else { panic!("no ring") };
        for n in 2..20_000 {
            let (disc, ring) = (radius.at(0.0, n), size.at(0.0, n) * RING_RADIUS);
            assert!((disc - ring).abs() < 1e-9, "{n}");
            assert!(disc + 1.0 <= f64::from(cell_reach(n)) / 10.0, "{n}: {disc}");
        }
    }
}
