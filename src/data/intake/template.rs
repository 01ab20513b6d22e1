//! A table to fill in: the register's columns with drop-downs, and a sheet that says what they mean. It is empty, or has what the
//! register holds, so that only what is different is typed.

use super::diff::held;
use super::finding::Refusal;
use super::no_register;
use super::places::{Districts, Ground};
use super::schema::{CREDIT_CODE, LOCATED_BY, SAMPLE_ROW, SOURCE_CRS, SOURCE_X, SOURCE_Y, Schema};
use super::vocabulary::choices;
use crate::core::cancel;
use crate::core::model::{Dataset, PropertySpec, PropertyType, Text};
use geo::Coord;
use rust_xlsxwriter::{
    Color, DataValidation, DataValidationErrorStyle, DataValidationRule, DocProperties, ExcelDateTime, Format, Formula,
    Workbook, XlsxError, utility::column_number_to_name,
};
use serde_json::Value as Json;
use std::fmt::Write;

/// Rows that have drop-downs.
const ROWS: u32 = 20_000;
const LISTS: &str = "选项";

/// Decimals of degrees: a centimetre.
const DECIMALS: i32 = 7;

/// What of a row of the register stands in a column.
#[derive(Clone, Copy)]
enum Held {
    Id,
    Property(usize),
    Longitude,
    Latitude,
}

/// A column of the template.
struct Field {
    holds: Option<Held>,
    head: String,
    about: String,
    example: String,
    list: Vec<String>,
    text: bool,
}

/// The template of a dataset's register as a workbook.
pub fn template(dataset: &Dataset) -> Result<Vec<u8>, Refusal> {
    let schema = Schema::of(dataset).ok_or_else(no_register)?;
    let ground = Ground::of(dataset);
    let fields = fields(dataset, &schema, &Districts::new(&ground), ground.example());
    workbook(&fields, &[]).map_err(|e| failed(&e))
}

/// The same with the rows of the register, for somebody who answers for these zones. Sent back as it is, it changes nothing.
pub fn prefilled(dataset: &Dataset, ground: &Ground, zones: &[String]) -> Result<Vec<u8>, Refusal> {
    let schema = Schema::of(dataset).ok_or_else(no_register)?;
    let districts = Districts::new(ground);
    let mut fields = fields(dataset, &schema, &districts, ground.example());
    let own = zones.iter().filter_map(|id| districts.by_id(id)).map(|zone| districts.name(zone).to_owned());
    let own: Vec<String> = own.collect();
    let declared = schema.register.district.as_deref().and_then(|n| schema.place(n));
    for field in fields.iter_mut().filter(|f| matches!(f.holds, Some(Held::Property(p)) if Some(p) == declared)) {
        field.example = own.first().cloned().unwrap_or_default();
        field.list.clone_from(&own);
    }
    // two rows of one name are told apart by their ids
    fields.push(Field {
        holds: Some(Held::Id),
        head: "编号".to_owned(),
        about: "由系统生成,请勿改动;新增的行请留空".to_owned(),
        example: String::new(),
        list: Vec::new(),
        text: true,
    });
    let rows: Vec<Vec<Json>> = (0..schema.table.ids.len())
        .map(|row| {
            cancel::check();
            fields.iter().map(|f| f.holds.map_or(Json::Null, |h| shown(dataset, &schema, &districts, row, h))).collect()
        })
        .collect();
    workbook(&fields, &rows).map_err(|e| failed(&e))
}

fn failed(e: &XlsxError) -> Refusal {
    Refusal::broken("template-failed", Text::new("模板写不出", "the template can't be written"), e)
}

/// What the register holds, as it is typed.
fn shown(dataset: &Dataset, schema: &Schema, districts: &Districts, row: usize, what: Held) -> Json {
    let at = || schema.table.geometries.point(row);
    let degrees = |d: f64| Json::from((d * 10f64.powi(DECIMALS)).round() / 10f64.powi(DECIMALS));
    let place = match what {
        Held::Id => return Json::from(schema.table.ids.value(row)),
        Held::Longitude => return at().map_or(Json::Null, |at| degrees(at.x)),
        Held::Latitude => return at().map_or(Json::Null, |at| degrees(at.y)),
        Held::Property(place) => place,
    };
    let property = &schema.spec.properties[place];
    let value = held(schema.table, row, place).to_json();
    let list = property.codelist.as_ref().and_then(|l| dataset.codelists.get(l));
    let named = |code: &str| -> String {
        if schema.register.district.as_ref() == Some(&property.name) {
            return districts.by_id(code).map_or(code, |zone| districts.name(zone)).to_owned();
        }
        let entry = list.and_then(|list| list.entries.iter().find(|e| e.code == code));
        entry.map_or_else(|| code.to_owned(), |entry| entry.name.zh.clone())
    };
    match value {
        Json::String(text) => Json::from(named(&text)),
        Json::Bool(yes) => Json::from(if yes { "是" } else { "否" }),
        Json::Array(all) => {
            let all: Vec<String> = all.iter().filter_map(Json::as_str).map(named).collect();
            if all.is_empty() { Json::Null } else { Json::from(all.join("、")) }
        }
        other => other,
    }
}

fn fields(dataset: &Dataset, schema: &Schema, districts: &Districts, at: Option<Coord<f64>>) -> Vec<Field> {
    let name = schema.spec.name.as_deref().unwrap_or_default();
    let plain = |head: &str, about: &str, example: &str| Field {
        holds: None,
        head: head.to_owned(),
        about: about.to_owned(),
        example: example.to_owned(),
        list: Vec::new(),
        text: true,
    };
    // under its own title the column is recognised when the table comes back
    let title = schema.spec.property(name).map(|(_, p)| p.title.zh.clone());
    let property = |name: &str, field: Field| Field { holds: schema.place(name).map(Held::Property), ..field };
    let code = plain("统一社会信用代码", "18 位,单元格格式为“文本”,否则 Excel 会丢掉后三位", "");
    let mut fields = vec![
        property(name, plain(title.as_deref().unwrap_or("名称"), "必填,登记全称", "")),
        property(CREDIT_CODE, code),
    ];
    for p in &schema.spec.properties {
        if [name, SAMPLE_ROW, CREDIT_CODE, SOURCE_X, SOURCE_Y, SOURCE_CRS, LOCATED_BY].contains(&p.name.as_str()) {
            continue;
        }
        if schema.register.district.as_ref() == Some(&p.name) {
            let all: Vec<String> = (0..districts.count()).map(|d| districts.name(d).to_owned()).collect();
            let list = Field {
                example: all.first().cloned().unwrap_or_default(),
                list: all,
                ..plain(&p.title.zh, "从下拉框选现行区域", "")
            };
            fields.push(property(&p.name, list));
        } else {
            let mut field = field(dataset, p);
            if let Some(valid) = &schema.register.valid {
                let about = |name: &Option<String>| name.as_ref() == Some(&p.name);
                let said = match (about(&valid.from), about(&valid.to)) {
                    (true, _) => "自该时起计入各年户数;不详请留空",
                    (_, true) => "自该时起不再计入;仍在册请留空",
                    _ => "",
                };
                let between = if field.about.is_empty() || said.is_empty() { "" } else { ";" };
                field.about = format!("{}{between}{said}", field.about);
            }
            fields.push(property(&p.name, field));
        }
    }
    let shown = |degrees: Option<f64>| degrees.map_or(String::new(), |d| format!("{d:.4}"));
    let number =
        |holds, head, about, example: &str| Field { holds: Some(holds), text: false, ..plain(head, about, example) };
    fields.push(number(
        Held::Longitude,
        "经度(WGS84)",
        "十进制度,至少 4 位小数;CGCS2000 经纬度也填这里;没有坐标请留空",
        &shown(at.map(|at| at.x)),
    ));
    fields.push(number(Held::Latitude, "纬度(WGS84)", "同上", &shown(at.map(|at| at.y))));
    fields
}

fn field(dataset: &Dataset, p: &PropertySpec) -> Field {
    let unit = p.unit.as_ref().map(|u| format!("({})", u.zh)).unwrap_or_default();
    let list = match p.codelist.as_ref().and_then(|l| dataset.codelists.get(l)) {
        // several codes in one cell can't be picked from a list
        Some(_) if p.ty == PropertyType::Strings => Vec::new(),
        Some(list) => list.entries.iter().map(|e| e.name.zh.clone()).collect(),
        None if p.ty == PropertyType::Boolean => vec!["是".to_owned(), "否".to_owned()],
        None => choices(p),
    };
    let mut about = p.description.as_ref().map(|d| d.zh.clone()).unwrap_or_default();
    if p.ty == PropertyType::Strings {
        about.push_str(";多个用顿号隔开");
    }
    if let (Some(low), Some(high)) = (p.minimum, p.maximum) {
        let _ = write!(about, " {low}–{high}");
    }
    let text = matches!(p.ty, PropertyType::String | PropertyType::Strings);
    Field {
        holds: None,
        head: format!("{}{unit}", p.title.zh),
        about,
        example: list.first().cloned().unwrap_or_default(),
        list,
        text,
    }
}

fn workbook(fields: &[Field], rows: &[Vec<Json>]) -> Result<Vec<u8>, XlsxError> {
    let mut workbook = Workbook::new();
    let created = ExcelDateTime::from_ymd(2020, 1, 1)?;
    workbook.set_properties(
        &DocProperties::new().set_title("名录模板").set_author("Shigu 视谷").set_creation_datetime(&created),
    );
    let head = Format::new().set_bold().set_background_color(Color::RGB(0x00E8_ECF2)).set_text_wrap();
    let text = Format::new().set_num_format("@");
    let lists: Vec<&Field> = fields.iter().filter(|f| !f.list.is_empty()).collect();

    let sheet = workbook.add_worksheet();
    sheet.set_name("名录")?.set_freeze_panes(1, 1)?;
    for (column, field) in (0..).zip(fields) {
        sheet.write_string_with_format(0, column, &field.head, &head)?;
        let width = if column < 2 { 28.0 } else { (field.head.chars().count() * 2 + 2).clamp(10, 26) as f64 };
        sheet.set_column_width(column, width)?;
        if field.text {
            sheet.set_column_format(column, &text)?;
        }
        if let Some(at) = lists.iter().position(|l| l.head == field.head) {
            let name = column_number_to_name(at as u16);
            let range = format!("={LISTS}!${name}$2:${name}${}", field.list.len() + 1);
            let rule = DataValidation::new()
                .allow_list_formula(Formula::new(range))
                .set_error_style(DataValidationErrorStyle::Stop)
                .set_error_title("请从下拉框选择")?
                .set_error_message("该列只能填下拉框里的值")?;
            sheet.add_data_validation(1, column, ROWS, column, &rule)?;
        }
    }
    for (at, row) in (1..).zip(rows) {
        for (column, value) in (0..).zip(row) {
            match value {
                Json::Number(number) => _ = sheet.write_number(at, column, number.as_f64().unwrap_or_default())?,
                Json::String(value) => _ = sheet.write_string_with_format(at, column, value, &text)?,
                _ => {}
            }
        }
    }
    // a code of 18 characters: more or fewer is a slip
    let rule = DataValidation::new()
        .allow_text_length(DataValidationRule::EqualTo(18))
        .set_error_style(DataValidationErrorStyle::Stop)
        .set_error_title("应为 18 位")?
        .set_error_message("统一社会信用代码为 18 位")?;
    sheet.add_data_validation(1, 1, ROWS, 1, &rule)?;

    let notes = workbook.add_worksheet();
    notes.set_name("填表说明")?.set_column_width(0, 28)?.set_column_width(1, 80)?;
    for (column, word) in (0..).zip(["列", "说明", "示例"]) {
        notes.write_string_with_format(0, column, word, &head)?;
    }
    for (row, field) in (1..).zip(fields) {
        notes.write_string(row, 0, &field.head)?.write_string(row, 1, &field.about)?.write_string(
            row,
            2,
            &field.example,
        )?;
    }

    let options = workbook.add_worksheet();
    options.set_name(LISTS)?.set_hidden(true);
    for (column, field) in (0..).zip(&lists) {
        options.write_string_with_format(0, column, &field.head, &head)?;
        for (row, word) in (1..).zip(&field.list) {
            options.write_string(row, column, word)?;
        }
    }
    workbook.save_to_buffer()
}
