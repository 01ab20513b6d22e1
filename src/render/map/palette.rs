//! The map's colours, in both themes.

use crate::render::drawing::channels;
pub(super) use crate::render::drawing::ink_on;

/// Ground of the map.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Theme {
    /// Light, the default and the only one for export.
    #[default]
    Light,
    /// Dark, for projectors.
    Dark,
}

/// What a colour is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ink {
    /// What lies outside all districts.
    Sea,
    /// Districts.
    Land,
    /// Rivers and lakes.
    Water,
    /// Their names.
    WaterText,
    /// Borders of districts.
    Border,
    /// Text.
    Text,
    /// Text of less weight.
    Soft,
    /// Around text and symbols.
    Halo,
    /// Belongs to the planned structure and to nothing else.
    Plan,
    /// Names in the planned structure.
    PlanText,
    /// Areas of zones that divide nothing.
    Zone,
    /// Points of layers that are no register, and their areas.
    Cell,
    /// Of a ring, the classes that are not among the first.
    Others,
    /// Enterprises without a cluster.
    Unclassified,
    /// Platforms outside the structure, and lead enterprises.
    Lead,
    /// The zone that is in question.
    Chosen,
    /// The hue of districts shaded by number.
    Shade,
}

impl Theme {
    /// `#RRGGBB`. `Lead`, `Chosen` and `Shade` are drawn by the page itself there; `web/src/map/palette.ts` has them
    /// too.
    pub(super) fn color(self, ink: Ink) -> &'static str {
        let (light, dark) = match ink {
            Ink::Sea => ("#E6E8E4", "#0B1017"),
            Ink::Land => ("#FAFAF7", "#151C26"),
            Ink::Water => ("#CFE2EC", "#1D3547"),
            Ink::WaterText => ("#5C87A0", "#7FA9C2"),
            Ink::Border => ("#A9AFB6", "#56616E"),
            Ink::Text => ("#1C232B", "#EDF1F5"),
            Ink::Soft => ("#525B66", "#B4BEC9"),
            Ink::Halo => ("#FFFFFF", "#0F151D"),
            Ink::Plan => ("#B4232A", "#F0616A"),
            Ink::PlanText => ("#A01D24", "#FF8A90"),
            Ink::Zone => ("#6A7380", "#97A3B1"),
            Ink::Cell => ("#5A6572", "#8A97A6"),
            Ink::Others => ("#D3D8DE", "#3C4855"),
            Ink::Unclassified => ("#9AA0A6", "#9AA0A6"),
            Ink::Lead => ("#39424D", "#D5DCE4"),
            Ink::Chosen => ("#1F4E9C", "#7FB0FF"),
            Ink::Shade => ("#3F5F9A", "#8FB0E8"),
        };
        if self == Self::Light { light } else { dark }
    }
}

/// `part` of one colour laid over another.
pub(super) fn mix(over: &str, under: &str, part: f64) -> String {
    let (a, b) = (channels(over), channels(under));
    let one = |i: usize| (f64::from(a[i]) * part + f64::from(b[i]) * (1.0 - part)).round() as u8;
    format!("#{:02X}{:02X}{:02X}", one(0), one(1), one(2))
}
