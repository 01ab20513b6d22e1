//! Colours of classes: ramps of one or several hues, and diverging ones. Between a few fixed colours the steps are equal in
//! `Oklab`, so that lightness tells the order also in grey print and to readers who see few hues.

use super::palette::{Ink, Theme, mix};
use super::table::SHADES;
use crate::core::model::Text;
use crate::core::query::{Choropleth, ClassRange, Cut};
use crate::render::drawing::channels;

/// A colour ramp.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ColorRamp {
    /// What the choice names it by.
    pub id: &'static str,
    title: (&'static str, &'static str),
    /// From small values to large ones; of a diverging ramp the middle one is between.
    stops: &'static [&'static str],
    /// Whether it has two ends.
    pub diverging: bool,
}

const fn ramp(id: &'static str, title: (&'static str, &'static str), stops: &'static [&'static str]) -> ColorRamp {
    ColorRamp { id, title, stops, diverging: false }
}

const fn diverging(id: &'static str, title: (&'static str, &'static str), stops: &'static [&'static str]) -> ColorRamp {
    ColorRamp { id, title, stops, diverging: true }
}

/// All ramps, those of one hue first.
pub const RAMPS: [ColorRamp; 10] = [
    ramp("blues", ("蓝", "Blues"), &["#EAF1FA", "#6BA3D6", "#0B3B78"]),
    ramp("greens", ("绿", "Greens"), &["#EBF6E8", "#6DB980", "#0A4A2A"]),
    ramp("oranges", ("橙", "Oranges"), &["#FDF0E0", "#F09A4A", "#7C2D05"]),
    ramp("purples", ("紫", "Purples"), &["#F2EFF8", "#A597CC", "#3F1F78"]),
    ramp("greys", ("灰", "Greys"), &["#F1F1F1", "#9A9A9A", "#2B2B2B"]),
    ramp("yellow-blue", ("黄–蓝", "Yellow to blue"), &["#FCF8C8", "#58B7B0", "#12305E"]),
    ramp("yellow-violet", ("黄–紫", "Yellow to violet"), &["#FAE86A", "#3AA98A", "#33608E", "#3B0F57"]),
    diverging("orange-purple", ("橙–紫", "Orange to purple"), &["#A9540A", "#F0BE83", "#F5F4F3", "#B7AFD6", "#4F2D84"]),
    diverging("brown-teal", ("褐–青", "Brown to teal"), &["#7F4A0C", "#D8B46A", "#F4F4F2", "#8FCBD6", "#0A5A70"]),
    diverging("red-blue", ("红–蓝", "Red to blue"), &["#AE1B2C", "#F0A586", "#F6F5F4", "#97C4DE", "#2364A6"]),
];

/// That of local Moran.
const LOCAL: &ColorRamp = &RAMPS[RAMPS.len() - 1];

impl ColorRamp {
    /// The ramp of a name.
    pub fn of(id: &str) -> Option<&'static Self> {
        RAMPS.iter().find(|r| r.id == id)
    }

    /// What it is called.
    pub fn title(&self) -> Text {
        Text::new(self.title.0, self.title.1)
    }

    /// So many colours, from small values to large ones.
    pub fn colors(&self, n: usize) -> Vec<String> {
        let at = |i: usize| if n > 1 { i as f64 / (n - 1) as f64 } else { 1.0 };
        (0..n).map(|i| self.at(at(i))).collect()
    }

    /// The colour at a place from 0 to 1.
    fn at(&self, place: f64) -> String {
        let steps = (self.stops.len() - 1) as f64;
        let below = (place * steps).floor().min(steps - 1.0);
        let part = place * steps - below;
        let (a, b) = (oklab(self.stops[below as usize]), oklab(self.stops[below as usize + 1]));
        hex([0, 1, 2].map(|i| a[i] + (b[i] - a[i]) * part))
    }

    /// Colours of classes; a diverging ramp has its middle where the classes' pivot is.
    fn of_classes(&self, classes: &[ClassRange], pivot: Option<f64>) -> Vec<String> {
        let Some(pivot) = pivot.filter(|_| self.diverging) else { return self.colors(classes.len()) };
        let below = classes.iter().filter(|c| c.to.is_some_and(|to| to <= pivot)).count();
        let above = classes.iter().filter(|c| c.from.is_some_and(|from| from >= pivot)).count();
        // the longer side goes to the end of its colours, the shorter one as far as it goes from the middle
        let longer = below.max(above).max(1) as f64;
        let place = |i: usize| {
            if i < below {
                0.5 - 0.5 * (below - i) as f64 / longer
            } else if i >= classes.len() - above {
                0.5 + 0.5 * (i + 1 + above - classes.len()) as f64 / longer
            } else {
                0.5
            }
        };
        (0..classes.len()).map(|i| self.at(place(i))).collect()
    }
}

/// The colours of classes as they were chosen; without a ramp steps of one hue, that of the class looked at if there is one.
pub fn colors(
    asked: &Choropleth,
    classes: &[ClassRange],
    pivot: Option<f64>,
    hue: Option<&str>,
    theme: Theme,
) -> Vec<String> {
    if asked.cut == Cut::Moran {
        return local(theme);
    }
    let mut out = match asked.ramp.as_deref().and_then(ColorRamp::of) {
        Some(ramp) => ramp.of_classes(classes, pivot),
        None => steps(hue.unwrap_or(theme.color(Ink::Shade)), theme, classes.len()),
    };
    if asked.reversed {
        out.reverse();
    }
    out
}

/// Of low among low, low among high, what is no more than chance, high among low, high among high: two hues, as such maps have them.
fn local(theme: Theme) -> Vec<String> {
    let mut out = LOCAL.colors(5);
    out.reverse();
    // what is not significant steps back
    out[2] = mix(theme.color(Ink::Text), theme.color(Ink::Land), 0.08);
    out
}

/// Steps of one hue over the ground, the strongest last.
fn steps(hue: &str, theme: Theme, n: usize) -> Vec<String> {
    let (usual, ground) = (SHADES.len(), theme.color(Ink::Land));
    let part = |i: usize| match n.checked_sub(usual) {
        None | Some(0) => SHADES[usual - n + i],
        Some(_) => SHADES[0] + (0.62 - SHADES[0]) * i as f64 / (n - 1) as f64,
    };
    (0..n).map(|i| mix(hue, ground, part(i))).collect()
}

/// Zones in no class because nobody reported, and those whose sums are withheld.
pub const MISSING: &str = "#E4DCD0";
/// See [`MISSING`].
pub const WITHHELD: &str = "#C9B9A6";

fn linear(channel: u8) -> f64 {
    let c = f64::from(channel) / 255.0;
    if c <= 0.040_45 { c / 12.92 } else { ((c + 0.055) / 1.055).powf(2.4) }
}

fn encoded(c: f64) -> u8 {
    let c = c.clamp(0.0, 1.0);
    let c = if c <= 0.003_130_8 { c * 12.92 } else { 1.055 * c.powf(1.0 / 2.4) - 0.055 };
    (c * 255.0).round() as u8
}

fn times(m: [[f64; 3]; 3], v: [f64; 3]) -> [f64; 3] {
    m.map(|row| row[0] * v[0] + row[1] * v[1] + row[2] * v[2])
}

/// A colour `#RRGGBB` in Oklab (Björn Ottosson, 2020).
fn oklab(color: &str) -> [f64; 3] {
    lab(channels(color).map(linear))
}

fn lab(rgb: [f64; 3]) -> [f64; 3] {
    let cones = times(
        [
            [0.412_221_470_8, 0.536_332_536_3, 0.051_445_992_9],
            [0.211_903_498_2, 0.680_699_545_1, 0.107_396_956_6],
            [0.088_302_461_9, 0.281_718_837_6, 0.629_978_700_5],
        ],
        rgb,
    );
    times(
        [
            [0.210_454_255_3, 0.793_617_785_0, -0.004_072_046_8],
            [1.977_998_495_1, -2.428_592_205_0, 0.450_593_709_9],
            [0.025_904_037_1, 0.782_771_766_2, -0.808_675_766_0],
        ],
        cones.map(f64::cbrt),
    )
}

fn hex(lab: [f64; 3]) -> String {
    let cones = times(
        [
            [1.0, 0.396_337_777_4, 0.215_803_757_3],
            [1.0, -0.105_561_345_8, -0.063_854_172_8],
            [1.0, -0.089_484_177_5, -1.291_485_548_0],
        ],
        lab,
    );
    let rgb = times(
        [
            [4.076_741_662_1, -3.307_711_591_3, 0.230_969_929_2],
            [-1.268_438_004_6, 2.609_757_401_1, -0.341_319_396_5],
            [-0.004_196_086_3, -0.703_418_614_7, 1.707_614_701_0],
        ],
        cones.map(|c| c.powi(3)),
    );
    let [r, g, b] = rgb.map(encoded);
    format!("#{r:02X}{g:02X}{b:02X}")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Sight with one sort of cones missing (Machado, Oliveira and Fernandes, 2009, severity 1.0), on linear light.
    const SIGHTS: [[[f64; 3]; 3]; 4] = [
        [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]],
        [[0.152_286, 1.052_583, -0.204_868], [0.114_503, 0.786_281, 0.099_216], [-0.003_882, -0.048_116, 1.051_998]],
        [[0.367_322, 0.860_646, -0.227_968], [0.280_085, 0.672_501, 0.047_413], [-0.011_820, 0.042_940, 0.968_881]],
        [[1.255_528, -0.076_749, -0.178_779], [-0.078_411, 0.930_809, 0.147_602], [0.004_733, 0.691_367, 0.303_900]],
    ];

    fn seen(color: &str, sight: [[f64; 3]; 3]) -> [f64; 3] {
        lab(times(sight, channels(color).map(linear)).map(|c| c.clamp(0.0, 1.0)))
    }

    fn apart(a: [f64; 3], b: [f64; 3]) -> f64 {
        (0..3).map(|i| (a[i] - b[i]).powi(2)).sum::<f64>().sqrt()
    }

    #[test]
    fn classes_differ_to_every_eye_and_in_grey_print() {
        for ramp in &RAMPS {
            for n in 2..=7 {
                let colors = ramp.colors(n);
                for sight in SIGHTS {
                    let seen: Vec<[f64; 3]> = colors.iter().map(|c| seen(c, sight)).collect();
                    for (i, a) in seen.iter().enumerate() {
                        for b in &seen[i + 1..] {
                            assert!(apart(*a, *b) > 0.04, "{} {n}: {colors:?} {sight:?}", ramp.id);
                        }
                    }
                }
                if !ramp.diverging {
                    let light: Vec<f64> = colors.iter().map(|c| oklab(c)[0]).collect();
                    assert!(light.windows(2).all(|w| w[0] - w[1] > 0.04), "{} {n}: {light:?}", ramp.id);
                }
            }
        }
    }

    #[test]
    fn two_ends_and_a_middle_at_the_pivot() {
        let range = |from: f64, to: f64| ClassRange { from: Some(from), to: Some(to), count: 1, title: None };
        let classes = [range(0.2, 0.6), range(0.7, 1.0), range(1.0, 1.5), range(1.6, 3.0)];
        let ramp = ColorRamp::of("brown-teal").unwrap();
        let colors = ramp.of_classes(&classes, Some(1.0));
        assert_eq!((&*colors[0], &*colors[3]), ("#7F4A0C", "#0A5A70"));
        // three classes above and one below: the one is no stronger than the first of the three
        let colors = ramp.of_classes(&[range(0.5, 0.9), range(1.1, 2.0), range(2.1, 3.0), range(4.0, 5.0)], Some(1.0));
        assert_eq!(colors[3], "#0A5A70");
        assert!(oklab(&colors[0])[0] > oklab("#7F4A0C")[0]);
    }

    #[test]
    fn stops_are_met_and_none_is_like_the_colours_apart() {
        for ramp in &RAMPS {
            assert_eq!(ramp.at(0.0), ramp.stops[0]);
            assert_eq!(ramp.at(1.0), ramp.stops[ramp.stops.len() - 1]);
        }
        assert!(apart(oklab(MISSING), oklab(WITHHELD)) > 0.08);
    }
}
