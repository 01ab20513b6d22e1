//! Colours for the classes of a new codelist: apart for readers with colour blindness, on light and on dark ground.

/// After Okabe and Ito, and the muted scheme of Paul Tol: a darker one for light ground, a lighter one for dark ground.
const COLORS: [([u8; 3], [u8; 3]); 12] = [
    ([0x00, 0x72, 0xB2], [0x56, 0xB4, 0xE9]),
    ([0xD5, 0x5E, 0x00], [0xE6, 0x9F, 0x00]),
    ([0x00, 0x9E, 0x73], [0x44, 0xD7, 0xA8]),
    ([0xCC, 0x79, 0xA7], [0xF0, 0xA6, 0xCF]),
    ([0x33, 0x22, 0x88], [0x9C, 0x90, 0xE8]),
    ([0x8A, 0x7A, 0x00], [0xF0, 0xE4, 0x42]),
    ([0x88, 0x22, 0x55], [0xD4, 0x66, 0x9B]),
    ([0x44, 0xAA, 0x99], [0x88, 0xE0, 0xD2]),
    ([0x66, 0x11, 0x00], [0xC9, 0x88, 0x70]),
    ([0x66, 0x99, 0xCC], [0xA9, 0xCC, 0xF0]),
    ([0x11, 0x77, 0x33], [0x66, 0xC2, 0x85]),
    ([0x55, 0x55, 0x55], [0xBB, 0xBB, 0xBB]),
];

/// The colours of the class at this place, on light and on dark ground. Beyond twelve they come again, darker or lighter.
pub fn of(place: usize) -> [String; 2] {
    let (light, dark) = COLORS[place % COLORS.len()];
    let far = (place / COLORS.len()) as f64;
    let share = far / (far + 2.0);
    let mixed = |color: [u8; 3], with: f64| {
        let [r, g, b] = color.map(|c| (f64::from(c) * (1.0 - share) + with * share).round() as u8);
        format!("#{r:02X}{g:02X}{b:02X}")
    };
    [mixed(light, 0.0), mixed(dark, 255.0)]
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_hundred_classes_have_colours_of_their_own() {
        let all: std::collections::HashSet<_> = (0..60).map(super::of).collect();
        assert_eq!(all.len(), 60);
        assert_eq!(super::of(0), ["#0072B2", "#56B4E9"]);
    }
}
