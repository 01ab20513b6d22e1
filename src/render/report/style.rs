//! How cells look in a workbook: a handful of formats, made once.

use super::cell::Form;
use rust_xlsxwriter::{Color, Format, FormatAlign, FormatBorder};

const HEAD_FILL: Color = Color::RGB(0x00D9_E2EF);
const MARK_FILL: Color = Color::RGB(0x00FF_E699);
const RULE: Color = Color::RGB(0x00BF_BFBF);

/// The formats of a workbook.
pub(super) struct Style {
    pub(super) title: Format,
    pub(super) mark: Format,
    pub(super) head: Format,
    pub(super) text: Format,
    pub(super) wrapped: Format,
    pub(super) foot: Format,
    pub(super) total_text: Format,
    pub(super) withheld: Format,
    numbers: Vec<(Form, bool, Format)>,
}

impl Style {
    pub(super) fn new() -> Self {
        let text = Format::new().set_num_format("@").set_align(FormatAlign::Top);
        Self {
            title: Format::new().set_bold().set_font_size(16.0),
            mark: Format::new().set_bold().set_background_color(MARK_FILL).set_align(FormatAlign::Center),
            head: Format::new()
                .set_bold()
                .set_background_color(HEAD_FILL)
                .set_border_bottom(FormatBorder::Thin)
                .set_border_bottom_color(RULE),
            wrapped: text.clone().set_text_wrap(),
            total_text: total(text.clone()),
            text,
            foot: Format::new().set_italic().set_font_color(Color::RGB(0x0059_5959)),
            withheld: Format::new().set_align(FormatAlign::Right).set_align(FormatAlign::Top),
            numbers: Vec::new(),
        }
    }

    /// The format of a number, in the body or in the total row.
    pub(super) fn number(&mut self, form: Form, in_total: bool) -> &Format {
        let known = self.numbers.iter().position(|(f, t, _)| (*f, *t) == (form, in_total));
        let place = known.unwrap_or_else(|| {
            let plain = Format::new().set_num_format(pattern(form)).set_align(FormatAlign::Top);
            self.numbers.push((form, in_total, if in_total { total(plain) } else { plain }));
            self.numbers.len() - 1
        });
        &self.numbers[place].2
    }
}

fn total(format: Format) -> Format {
    format.set_bold().set_border_top(FormatBorder::Thin).set_border_top_color(RULE)
}

fn pattern(form: Form) -> String {
    let decimals = |whole: &str, n: u8| match n {
        0 => whole.to_owned(),
        n => format!("{whole}.{}", "0".repeat(n.into())),
    };
    match form {
        Form::Plain => "General".to_owned(),
        Form::Grouped(n) => decimals("#,##0", n),
        Form::Percent => "0.0%".to_owned(),
        Form::Change => "+0.0%;-0.0%;0.0%".to_owned(),
        Form::Ratio(n) => decimals("0", n),
    }
}
