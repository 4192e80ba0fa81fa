//! Reads tab-separated tables with a heading line.

/// A line that cannot be used. The message contains file, line, and how to correct it.
#[derive(Debug, thiserror::Error)]
#[error("{file}:{line}: {problem}")]
pub struct LineError {
    /// The file.
    pub file: String,
    /// The number of the line, counted from 1.
    pub line: u64,
    /// The problem, and what is expected instead.
    pub problem: String,
}

/// The rows of a table, each with its line number.
pub(super) struct TextTable {
    file: String,
    headings: Vec<String>,
    rows: Vec<(u64, String)>,
}

/// One row of a table.
pub(super) struct Row<'t> {
    table: &'t TextTable,
    line: u64,
    cells: Vec<&'t str>,
}

impl TextTable {
    /// Reads a table. Its heading must name these columns, in any order; other columns are allowed.
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
    /// The cell in a column, trimmed; empty if there is none.
    pub(super) fn get(&self, column: &str) -> &'t str {
        let at = self.table.headings.iter().position(|heading| heading == column);
        at.and_then(|at| self.cells.get(at)).map_or("", |cell| cell.trim())
    }

    /// The cell in a column that must not be empty.
    pub(super) fn required(&self, column: &str) -> Result<&'t str, LineError> {
        match self.get(column) {
            "" => Err(self.error(format!("the column {column} is empty; every row needs a value"))),
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
