//! Colours by their channels.

/// Red, green and blue of `#RRGGBB`; black for anything else.
pub fn channels(color: &str) -> [u8; 3] {
    let part = |i: usize| color.get(i..i + 2).and_then(|hex| u8::from_str_radix(hex, 16).ok()).unwrap_or(0);
    [part(1), part(3), part(5)]
}

/// Black or white, whichever reads better on the colour (WCAG contrast); one of the two always reaches 4.5:1.
pub fn ink_on(color: &str) -> &'static str {
    let linear = |v: u8| {
        let v = f64::from(v) / 255.0;
        if v <= 0.03928 { v / 12.92 } else { ((v + 0.055) / 1.055).powf(2.4) }
    };
    let [r, g, b] = channels(color).map(linear);
    let luminance = 0.2126 * r + 0.7152 * g + 0.0722 * b;
    if 1.05 / (luminance + 0.05) >= (luminance + 0.05) / 0.05 { "#FFFFFF" } else { "#000000" }
}
