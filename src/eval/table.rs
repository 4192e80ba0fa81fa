//! Tab-separated tables with a heading line.

/// A line that cannot be used; the message says where it stands and what to do.
#[derive(Debug, thiserror::Error)]
#[error("{file}:{line}: {problem}")]
pub struct LineError {
    /// The file.
    pub file: String,
    /// The line, counted from 1.
    pub line: u64,
    /// What is wrong with it, and what is expected.
    pub problem: String,
}

/// The rows of a table, each with its number.
pub(super) struct Table {
    file: String,
    headings: Vec<String>,
    rows: Vec<(u64, String)>,
}

/// One row.
pub(super) struct Row<'t> {
    table: &'t Table,
    line: u64,
    cells: Vec<&'t str>,
}

impl Table {
    /// Reads a table whose heading has these columns, in any order and among others.
    pub(super) fn read(
        file: &str,
        lines: impl IntoIterator<Item = (u64, Vec<u8>)>,
        columns: &[&str],
    ) -> Result<Self, LineError> {
        let error = |line, problem| LineError { file: file.to_owned(), line, problem };
        let mut rows = Vec::new();
        for (line, bytes) in lines {
            let text =
                String::from_utf8(bytes).map_err(|_| error(line, "not UTF-8; convert the file first".to_owned()))?;
            rows.push((line, text.trim_end_matches('\r').to_owned()));
        }
        let expected = || format!("the first line must name the columns {}, separated by tabs", columns.join(", "));
        let Some((line, first)) = rows.first() else { return Err(error(1, format!("empty; {}", expected()))) };
        let headings: Vec<String> =
            first.trim_start_matches('\u{FEFF}').split('\t').map(|heading| heading.trim().to_owned()).collect();
        if let Some(missing) = columns.iter().find(|column| !headings.iter().any(|heading| heading == *column)) {
            return Err(error(*line, format!("no column {missing}; {}", expected())));
        }
        rows.remove(0);
        Ok(Self { file: file.to_owned(), headings, rows })
    }

    pub(super) fn rows(&self) -> impl Iterator<Item = Row<'_>> {
        self.rows.iter().map(|(line, text)| Row { table: self, line: *line, cells: text.split('\t').collect() })
    }
}

impl<'t> Row<'t> {
    /// What stands under a heading; empty where nothing does.
    pub(super) fn get(&self, column: &str) -> &'t str {
        let at = self.table.headings.iter().position(|heading| heading == column);
        at.and_then(|at| self.cells.get(at)).map_or("", |cell| cell.trim())
    }

    /// What stands under a heading that must not be empty.
    pub(super) fn required(&self, column: &str) -> Result<&'t str, LineError> {
        match self.get(column) {
            "" => Err(self.error(format!("nothing under {column}; every row needs one"))),
            cell => Ok(cell),
        }
    }

    pub(super) fn line(&self) -> u64 {
        self.line
    }

    pub(super) fn error(&self, problem: String) -> LineError {
        LineError { file: self.table.file.clone(), line: self.line, problem }
    }
}
