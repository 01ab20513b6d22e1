//! Tables of a new folder, each with the flags that stand after it on the command line.

use crate::data::new::Key;
use clap::error::ErrorKind;
use clap::{Arg, ArgAction, ArgMatches, Command, FromArgMatches, value_parser};
use std::collections::BTreeMap;
use std::path::PathBuf;

/// A flag of a table: its name, the word for its value, and help.
type Flag = (&'static str, &'static str, &'static str);

const SHEET: Flag = ("sheet", "NAME", "工作表 / worksheet of the table [default: the one whose head is known best]");
const CRS: Flag = (
    "crs",
    "CRS",
    "表格的坐标系 / system of the table's positions [default: what the file says, or recognised from the boundaries]",
);
const DECIDED: [(Key, Flag); 5] = [
    (Key::Name, ("name-column", "COLUMN", "表格中名称所在的列 / column of the rows' names")),
    (Key::RowWord, ("row-word", "WORD", "一行叫什么 / what one of the rows is called, such as `项目 / project`")),
    (Key::Zone, ("zone-column", "COLUMN", "表格中所在区域的列 / column of the area that each row declares")),
    (Key::Class, ("class-column", "COLUMN", "表格中分类的列 / column of the classification")),
    (Key::Year, ("year", "YEAR", "没有写年份的数值列是哪一年的 / year of figures whose column says none")),
];
const TABLE: &str = "table";

/// A table and what is wished for it.
#[derive(Clone, Debug, Default)]
pub(in crate::cli) struct TableArgs {
    pub(in crate::cli) file: PathBuf,
    pub(in crate::cli) sheet: Option<String>,
    pub(in crate::cli) crs: Option<String>,
    /// Values by what they decide.
    pub(in crate::cli) values: BTreeMap<Key, String>,
}

/// The tables in the order of the command line. A flag is of the table that stands before it, of the first where none does.
#[derive(Clone, Debug, Default)]
pub(in crate::cli) struct TablesArgs(pub(in crate::cli) Vec<TableArgs>);

impl clap::Args for TablesArgs {
    fn augment_args(command: Command) -> Command {
        let table = Arg::new(TABLE)
            .long(TABLE)
            .value_name("FILE")
            .action(ArgAction::Append)
            .value_parser(value_parser!(PathBuf))
            .help("名录表格;可写多次,其后的选项属于它 / table of the rows, several times for several; flags after it are its own: xlsx, xls, ods, csv, tsv, geojson, kml, gpkg, zip ...");
        let flag = |(name, value, help): Flag| {
            Arg::new(name).long(name).value_name(value).action(ArgAction::Append).requires(TABLE).help(help)
        };
        let decided = DECIDED.map(|(_, own)| own);
        [SHEET, CRS].into_iter().chain(decided).fold(command.arg(table), |command, own| command.arg(flag(own)))
    }

    fn augment_args_for_update(command: Command) -> Command {
        Self::augment_args(command)
    }
}

impl FromArgMatches for TablesArgs {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, clap::Error> {
        let mut tables: Vec<TableArgs> = Vec::new();
        let files = matches.get_many::<PathBuf>(TABLE).unwrap_or_default();
        tables.extend(files.map(|file| TableArgs { file: file.clone(), ..TableArgs::default() }));
        let begins: Vec<usize> = matches.indices_of(TABLE).unwrap_or_default().collect();
        let mut each = |name: &str, set: &dyn Fn(&mut TableArgs, String) -> bool| {
            let values = matches.get_many::<String>(name).unwrap_or_default();
            for (value, at) in values.zip(matches.indices_of(name).unwrap_or_default()) {
                let place = begins.partition_point(|begin| *begin < at).saturating_sub(1);
                // the parser has refused a flag without a table
                let Some(table) = tables.get_mut(place) else { continue };
                if set(table, value.clone()) {
                    let file = table.file.display();
                    let said = format!("--{name} 对 {file} 写了两次 / --{name} is said twice of {file}\n");
                    return Err(clap::Error::raw(ErrorKind::ArgumentConflict, said));
                }
            }
            Ok(())
        };
        each(SHEET.0, &|table, value| table.sheet.replace(value).is_some())?;
        each(CRS.0, &|table, value| table.crs.replace(value).is_some())?;
        for (key, (name, ..)) in DECIDED {
            each(name, &|table, value| table.values.insert(key, value).is_some())?;
        }
        Ok(Self(tables))
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), clap::Error> {
        *self = Self::from_arg_matches(matches)?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(words: &[&str]) -> Result<TablesArgs, clap::Error> {
        let command = <TablesArgs as clap::Args>::augment_args(Command::new("new").no_binary_name(true));
        command.try_get_matches_from(words).and_then(|matches| TablesArgs::from_arg_matches(&matches))
    }

    #[test]
    fn a_flag_is_of_the_table_before_it() {
        let words = "--year 2020 --table a.csv --class-column Kind --table b.csv --crs gcj02 --class-column Use";
        let TablesArgs(tables) = parsed(&words.split(' ').collect::<Vec<_>>()).unwrap();
        let class = |n: usize| tables[n].values[&Key::Class].as_str();
        assert_eq!((tables.len(), class(0), class(1)), (2, "Kind", "Use"));
        assert_eq!((tables[0].values[&Key::Year].as_str(), tables[1].values.get(&Key::Year)), ("2020", None));
        assert_eq!((tables[0].crs.as_deref(), tables[1].crs.as_deref()), (None, Some("gcj02")));
        assert!(parsed(&[]).unwrap().0.is_empty());
        assert!(parsed(&["--year", "2020"]).is_err(), "a flag of no table");
        let twice = parsed(&["--table", "a.csv", "--year", "2020", "--year", "2021"]);
        assert_eq!(twice.unwrap_err().kind(), ErrorKind::ArgumentConflict);
    }
}
