//! Answers of Log Analytics: tables of columns and rows. A row becomes a record like those that are exported.

use super::json::{self, FromJson, NotJson, Reader};
use super::leaf::{Leaf, List, Part, object};
use std::ops::Range;

/// An answer: at least one table with columns.
pub(super) struct Answer<'a> {
    tables: Vec<Table<'a>>,
}

/// A row as a record, or what keeps it from being one.
pub(super) type Row = Result<String, BadRow>;

/// What keeps a row from being a record.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum BadRow {
    /// It is no list, or has other cells than the table has columns.
    Shape(String),
    /// With the names of its columns it has this many bytes.
    Large(usize),
}

impl<'a> Answer<'a> {
    /// Reads an answer; `None` for what is none.
    pub(super) fn of(text: &'a str) -> Option<Self> {
        let answer = Self::read(&mut Reader::new(text, 0)).ok()?;
        let has_columns = |table: &Table<'_>| table.columns.objects().next().is_some();
        (!answer.tables.is_empty() && answer.tables.iter().all(has_columns)).then_some(answer)
    }

    /// Gives each row, with where it stands in the text, until one is refused.
    pub(super) fn each<E>(
        &self,
        most_bytes: usize,
        take: &mut impl FnMut(Range<usize>, Row) -> Result<(), E>,
    ) -> Result<(), E> {
        self.tables.iter().try_for_each(|table| table.each(most_bytes, take))
    }
}

impl Table<'_> {
    fn each<E>(&self, most_bytes: usize, take: &mut impl FnMut(Range<usize>, Row) -> Result<(), E>) -> Result<(), E> {
        let columns: Vec<Option<String>> = self.columns.places().map(|column| quoted(&column?.name)).collect();
        let named: usize = columns.iter().flatten().map(|name| name.len() + 2).sum();
        let (offset, list) = self.rows;
        let mut reader = Reader::new(list, 0);
        let mut refused = Ok(());
        // The list was read once before: it is whole.
        let _whole = reader.list(|reader| {
            reader.peek()?;
            let start = reader.at();
            let row = reader.raw()?;
            if refused.is_ok() {
                let record = match named + row.len() {
                    length if length > most_bytes => Err(BadRow::Large(length)),
                    _ => record(&columns, row),
                };
                refused = take(offset + start..offset + reader.at(), record);
            }
            Ok(())
        });
        refused
    }
}

fn quoted(name: &Leaf<'_>) -> Option<String> {
    serde_json::to_string(&name.text()?).ok()
}

/// Writes a row with the names of its columns; the cell of a column without a name is left out.
fn record(columns: &[Option<String>], row: &str) -> Row {
    let Ok(Cells(cells)) = json::parse(row) else { return Err(BadRow::Shape("a row that is no list".to_owned())) };
    if cells.len() != columns.len() {
        let detail = format!("a row of {} cells under {} columns", cells.len(), columns.len());
        return Err(BadRow::Shape(detail));
    }
    let named = columns.iter().zip(cells).filter_map(|(name, cell)| Some(format!("{}:{cell}", name.as_ref()?)));
    Ok(format!("{{{}}}", named.collect::<Vec<_>>().join(",")))
}

object! {
    /// One column.
    Column<'a> { name: Leaf<'a> = "name" | "columnName" }
}

#[derive(Default)]
struct Table<'a> {
    columns: List<'a, Part<'a, Column<'a>>>,
    /// The list of rows as it is written, and where it begins.
    rows: (usize, &'a str),
}

/// The cells of a row as they are written.
struct Cells<'a>(Vec<&'a str>);

impl<'a> FromJson<'a> for Answer<'a> {
    fn read(reader: &mut Reader<'a>) -> Result<Self, NotJson> {
        let mut answer = Self { tables: Vec::new() };
        reader.object(|name, reader| {
            if name.eq_ignore_ascii_case("tables") && reader.peek()? == b'[' {
                return reader.list(|reader| {
                    answer.tables.push(Table::read(reader)?);
                    Ok(())
                });
            }
            reader.skip()
        })?;
        Ok(answer)
    }
}

impl<'a> FromJson<'a> for Table<'a> {
    fn read(reader: &mut Reader<'a>) -> Result<Self, NotJson> {
        let mut table = Self::default();
        reader.object(|name, reader| {
            if name.eq_ignore_ascii_case("columns") {
                table.columns = FromJson::read(reader)?;
                return Ok(());
            }
            if name.eq_ignore_ascii_case("rows") && reader.peek()? == b'[' {
                table.rows = (reader.at(), reader.raw()?);
                return Ok(());
            }
            reader.skip()
        })?;
        Ok(table)
    }
}

impl<'a> FromJson<'a> for Cells<'a> {
    fn read(reader: &mut Reader<'a>) -> Result<Self, NotJson> {
        let mut cells = Vec::new();
        reader.list(|reader| {
            cells.push(reader.raw()?);
            Ok(())
        })?;
        Ok(Self(cells))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(answer: &str) -> Option<Vec<(Range<usize>, Row)>> {
        let mut rows = Vec::new();
        let answer = Answer::of(answer)?;
        let Ok(()) = answer.each(100, &mut |span, row| -> Result<(), std::convert::Infallible> {
            rows.push((span, row));
            Ok(())
        });
        Some(rows)
    }

    #[test]
    fn a_row_is_named_by_its_columns() {
        let answer = r#"{"tables":[{"name":"PrimaryResult","columns":[{"name":"Type","type":"string"},{"name":"N","type":"long"}],
            "rows":[["AuditLogs", 1],["AuditLogs",null]]}]}"#;
        let found = rows(answer).expect("an answer");
        let records: Vec<&str> = found.iter().map(|(_, record)| &**record.as_ref().expect("a record")).collect();
        assert_eq!(records, [r#"{"Type":"AuditLogs","N":1}"#, r#"{"Type":"AuditLogs","N":null}"#]);
        assert_eq!(answer.get(found[0].0.clone()), Some(r#"["AuditLogs", 1]"#));
    }

    #[test]
    fn a_cell_is_never_given_the_name_of_another_column() {
        let of = |columns: &str, row: &str| {
            let answer = format!(r#"{{"tables":[{{"columns":[{columns}],"rows":[{row}]}}]}}"#);
            rows(&answer).expect("an answer").remove(0).1
        };
        let nameless = r#"{"type":"string"},{"name":"N"}"#;
        assert_eq!(of(nameless, r#"["AuditLogs",1]"#), Ok(r#"{"N":1}"#.to_owned()));
        let short = BadRow::Shape("a row of 1 cells under 2 columns".to_owned());
        assert_eq!(of(nameless, r#"["AuditLogs"]"#), Err(short));
        assert_eq!(of(nameless, "7"), Err(BadRow::Shape("a row that is no list".to_owned())));
        let long = format!(r#"{{"name":"{}"}}"#, "n".repeat(100));
        assert_eq!(of(&long, "[1]"), Err(BadRow::Large(107)));
    }

    #[test]
    fn what_has_no_table_with_columns_is_no_answer() {
        for other in
            [r#"{"tables":[{"rows":[[1]]}]}"#, r#"{"tables":"x","a":1}"#, r#"{"tables":[],"category":"AuditLogs"}"#]
        {
            assert!(rows(other).is_none(), "{other}");
        }
    }
}
