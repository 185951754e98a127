//! Answers of Log Analytics: tables of columns and rows. A row becomes a record like those that are exported.

use super::json::{self, FromJson, NotJson, Reader};
use super::leaf::{Leaf, List, Part, object};
use std::ops::Range;

/// The rows of an answer as records, with where each stands in the text; `None` for what is no such answer.
pub(super) fn rows(text: &str) -> Option<Vec<(Range<usize>, String)>> {
    let mut reader = Reader::new(text, 0);
    let answer = Answer::read(&mut reader).ok()?;
    let mut records = Vec::new();
    for table in answer.tables {
        let columns: Vec<String> = table.columns.objects().filter_map(|column| quoted(&column.name)).collect();
        if columns.is_empty() {
            return None;
        }
        records.extend(table.rows.into_iter().map(|(span, row)| (span, record(&columns, row))));
    }
    Some(records)
}

fn quoted(name: &Leaf<'_>) -> Option<String> {
    serde_json::to_string(&name.text()?).ok()
}

/// Writes a row with the names of its columns; what is no row stays what it is.
fn record(columns: &[String], row: &str) -> String {
    let Ok(Cells(cells)) = json::parse(row) else { return row.to_owned() };
    let members: Vec<String> = columns.iter().zip(cells).map(|(name, cell)| format!("{name}:{cell}")).collect();
    format!("{{{}}}", members.join(","))
}

object! {
    /// One column.
    Column<'a> { name: Leaf<'a> = "name" | "columnName" }
}

#[derive(Default)]
struct Answer<'a> {
    tables: Vec<Table<'a>>,
}

#[derive(Default)]
struct Table<'a> {
    columns: List<'a, Part<'a, Column<'a>>>,
    rows: Vec<(Range<usize>, &'a str)>,
}

/// The cells of a row as they are written.
struct Cells<'a>(Vec<&'a str>);

impl<'a> FromJson<'a> for Answer<'a> {
    fn read(reader: &mut Reader<'a>) -> Result<Self, NotJson> {
        let mut answer = Self::default();
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
                return reader.list(|reader| {
                    reader.peek()?;
                    let start = reader.at();
                    let row = reader.raw()?;
                    table.rows.push((start..reader.at(), row));
                    Ok(())
                });
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
    use super::rows;

    #[test]
    fn a_row_is_named_by_its_columns() {
        let answer = r#"{"tables":[{"name":"PrimaryResult","columns":[{"name":"Type","type":"string"},{"name":"N","type":"long"}],
            "rows":[["AuditLogs", 1],["AuditLogs",null]]}]}"#;
        let found = rows(answer).expect("an answer");
        let records: Vec<&str> = found.iter().map(|(_, record)| &**record).collect();
        assert_eq!(records, [r#"{"Type":"AuditLogs","N":1}"#, r#"{"Type":"AuditLogs","N":null}"#]);
        assert_eq!(answer.get(found[0].0.clone()), Some(r#"["AuditLogs", 1]"#));
        assert_eq!(rows(r#"{"tables":[{"rows":[[1]]}]}"#), None);
    }
}
