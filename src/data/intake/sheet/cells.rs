//! The cells of a table, one after the other in one text: five bytes and its text for each.

/// What a cell holds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Kind {
    /// Nothing.
    #[default]
    Empty,
    /// Text.
    Text,
    /// A number that the program which wrote the file took for one.
    Number,
    /// A date, as `YYYY-MM-DD`.
    Date,
    /// True or false.
    Boolean,
    /// `#N/A` and its like.
    Fault,
}

/// One cell.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Cell<'a> {
    /// What it holds.
    pub kind: Kind,
    /// Its text.
    pub text: &'a str,
}

/// A row while it is being read; its memory is used again for the next.
#[derive(Clone, Debug, Default)]
pub struct Row {
    text: String,
    cells: Vec<(Kind, u32)>,
}

impl Row {
    /// Empties it.
    pub fn clear(&mut self) {
        self.text.clear();
        self.cells.clear();
    }

    /// Adds a cell; a cell without text is empty.
    pub fn push(&mut self, kind: Kind, text: &str) {
        self.text.push_str(text);
        let kind = if text.is_empty() { Kind::Empty } else { kind };
        self.cells.push((kind, u32::try_from(self.text.len()).unwrap_or(u32::MAX)));
    }

    /// Adds empty cells until there are `columns`.
    pub fn fill(&mut self, columns: usize) {
        while self.cells.len() < columns {
            self.push(Kind::Empty, "");
        }
    }

    /// Cells.
    pub fn len(&self) -> usize {
        self.cells.len()
    }

    /// Cells up to the last one that holds something.
    pub fn filled_len(&self) -> usize {
        self.cells.iter().rposition(|(kind, _)| *kind != Kind::Empty).map_or(0, |last| last + 1)
    }

    /// Bytes of text.
    pub fn bytes(&self) -> usize {
        self.text.len()
    }

    /// The cell of a column; empty beyond the end.
    pub fn cell(&self, column: usize) -> Cell<'_> {
        let Some(&(kind, end)) = self.cells.get(column) else { return Cell::default() };
        let start = column.checked_sub(1).map_or(0, |before| self.cells[before].1);
        Cell { kind, text: &self.text[start as usize..end as usize] }
    }

    /// Its cells.
    pub fn iter(&self) -> impl Iterator<Item = Cell<'_>> {
        (0..self.len()).map(|c| self.cell(c))
    }

    /// Cells that hold something.
    pub fn filled(&self) -> impl Iterator<Item = Cell<'_>> {
        self.iter().filter(|c| c.kind != Kind::Empty)
    }
}

/// All rows of a table.
#[derive(Clone, Debug, Default)]
pub struct Cells {
    text: String,
    ends: Vec<u32>,
    kinds: Vec<Kind>,
    /// Number in the file, and where its cells end.
    rows: Vec<(u32, u32)>,
}

impl Cells {
    /// Rows.
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// Cells.
    pub fn count(&self) -> usize {
        self.kinds.len()
    }

    /// Bytes that it takes.
    pub fn memory(&self) -> usize {
        self.text.len() + self.kinds.len() * (size_of::<Kind>() + size_of::<u32>()) + size_of_val(self.rows.as_slice())
    }

    /// Adds a row with its number in the file. Empty cells at its end take no memory.
    pub fn push(&mut self, number: u32, row: &Row) {
        let filled = row.filled_len();
        let base = self.text.len() as u32;
        let end = filled.checked_sub(1).map_or(0, |last| row.cells[last].1);
        self.text.push_str(&row.text[..end as usize]);
        for &(kind, end) in &row.cells[..filled] {
            self.kinds.push(kind);
            self.ends.push(base + end);
        }
        self.rows.push((number, self.kinds.len() as u32));
    }

    /// The number of a row in the file, from 1.
    pub fn number(&self, row: usize) -> u32 {
        self.rows[row].0
    }

    /// Whether there is a row with this number; numbers rise.
    pub fn holds(&self, number: u32) -> bool {
        self.rows.binary_search_by_key(&number, |(n, _)| *n).is_ok()
    }

    /// The numbers of the rows that hold one of these words.
    pub fn rows_with(&self, words: &[&str]) -> Vec<u32> {
        let all = words.iter().flat_map(|word| memchr::memmem::find_iter(self.text.as_bytes(), word.as_bytes()));
        let row = |at: usize| {
            let cell = self.ends.partition_point(|end| *end as usize <= at);
            self.rows.partition_point(|(_, end)| *end as usize <= cell)
        };
        let mut numbers: Vec<u32> = all.filter_map(|at| Some(self.rows.get(row(at))?.0)).collect();
        numbers.sort_unstable();
        numbers.dedup();
        numbers
    }

    /// A cell; empty beyond the end of its row.
    pub fn cell(&self, row: usize, column: usize) -> Cell<'_> {
        let first = row.checked_sub(1).map_or(0, |before| self.rows[before].1) as usize;
        let at = first + column;
        if at >= self.rows[row].1 as usize {
            return Cell::default();
        }
        let start = at.checked_sub(1).map_or(0, |before| self.ends[before]);
        Cell { kind: self.kinds[at], text: &self.text[start as usize..self.ends[at] as usize] }
    }
}
