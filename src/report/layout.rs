//! How text stands on a page: styles, wrapped lines, tables. Styles are ANSI codes; who prints strips them where nobody sees them.

use anstyle::{AnsiColor, Style};

use crate::outcome::Verdict;

/// Where lines are broken.
const WIDTH: usize = 110;

/// The same text without styles, for where it is no terminal.
pub fn uncoloured(text: &str) -> String {
    anstream::adapter::strip_str(text).to_string()
}

/// A column of a table.
pub struct Column {
    title: &'static str,
    right: bool,
}

impl Column {
    /// Words, on the left.
    pub fn text(title: &'static str) -> Self {
        Self { title, right: false }
    }

    /// Numbers, on the right.
    pub fn number(title: &'static str) -> Self {
        Self { title, right: true }
    }
}

/// A table with a heading. Columns without any content are left out.
pub fn table(columns: Vec<Column>, rows: &[Vec<String>]) -> String {
    let length = |text: &str| text.chars().count();
    let widest = |at: usize| rows.iter().map(|row| length(&row[at])).max().unwrap_or_default();
    let used: Vec<(usize, &Column)> = columns.iter().enumerate().filter(|(at, _)| widest(*at) > 0).collect();
    let cell = |at: usize, column: &Column, text: &str| {
        let space = " ".repeat(widest(at).max(length(column.title)) - length(text));
        if column.right { format!("{space}{text}") } else { format!("{text}{space}") }
    };
    let line = |of: &dyn Fn(usize, &Column) -> String| {
        let cells: Vec<String> = used.iter().map(|(at, column)| cell(*at, column, &of(*at, column))).collect();
        cells.join("  ").trim_end().to_owned()
    };
    let heading = bold(&line(&|_, column| column.title.to_owned()));
    let lines: String = rows.iter().map(|row| format!("{}\n", line(&|at, _| row[at].clone()))).collect();
    format!("{heading}\n{lines}")
}

/// Words in lines of at most 110 columns, each indented; with a newline at the end.
pub fn wrap(text: &str, indent: usize) -> String {
    let mut lines = vec![String::new()];
    for word in text.split_whitespace() {
        let full = lines.last().is_some_and(|line| !line.is_empty() && indent + line.len() + word.len() >= WIDTH);
        if full {
            lines.push(String::new());
        }
        if let Some(line) = lines.last_mut() {
            line.push_str(if line.is_empty() { "" } else { " " });
            line.push_str(word);
        }
    }
    let margin = " ".repeat(indent);
    lines.iter().filter(|line| !line.is_empty()).map(|line| format!("{margin}{line}\n")).collect()
}

/// Milliseconds as seconds.
pub fn seconds(milliseconds: u64) -> String {
    format!("{}.{} s", milliseconds / 1000, milliseconds % 1000 / 100)
}

/// A title.
pub fn bold(text: &str) -> String {
    paint(Style::new().bold(), text)
}

/// What matters less.
pub fn dim(text: &str) -> String {
    paint(Style::new().dimmed(), text)
}

/// A text in the colour of a verdict.
pub fn coloured(verdict: Verdict, text: &str) -> String {
    let colour = match verdict {
        Verdict::Pass => AnsiColor::Green,
        Verdict::Skipped => AnsiColor::BrightBlack,
        Verdict::Warn | Verdict::Flaky => AnsiColor::Yellow,
        Verdict::Blocked => AnsiColor::Magenta,
        Verdict::Fail => AnsiColor::Red,
    };
    paint(colour.on_default().bold(), text)
}

fn paint(style: Style, text: &str) -> String {
    format!("{style}{text}{style:#}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_stand_on_the_right_and_empty_columns_are_left_out() {
        let rows = [vec!["a".into(), String::new(), "7".into()], vec!["bb".into(), String::new(), "11".into()]];
        let columns = vec![Column::text("x"), Column::text("empty"), Column::number("n")];
        let text = table(columns, &rows);
        assert_eq!(text.lines().skip(1).collect::<Vec<_>>(), ["a    7", "bb  11"]);
    }

    #[test]
    fn long_text_is_broken_between_words() {
        let text = wrap(&"word ".repeat(40), 4);
        assert!(text.lines().all(|line| line.len() <= WIDTH && line.starts_with("    word")), "{text}");
        assert_eq!(wrap("", 4), "");
    }
}
