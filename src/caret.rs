//! Points into a user's file: the line, a caret below the place, what to do. Where the place is, the caller knows.

use std::ops::Range;

use annotate_snippets::{AnnotationKind, Group, Level, Renderer, Snippet};

/// The message with the lines of `source` around `span` (bytes), and `help` beside the caret.
pub fn caret(name: &str, source: &str, span: Range<usize>, message: &str, help: &str) -> String {
    let snippet = Snippet::source(source).path(name).annotation(AnnotationKind::Primary.span(span).label(help));
    Renderer::plain().render(&[Group::with_title(Level::ERROR.primary_title(message)).element(snippet)])
}
