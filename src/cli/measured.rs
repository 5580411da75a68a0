//! What a search found of the defects of the reference provider, as a table.

use crate::modes::measured::{Class, Found};
use crate::report::{Column, table};

/// A table of the classes, and what was not found. `titles` are those of size and effort.
pub fn as_text(classes: &[Class], titles: [&'static str; 2]) -> String {
    let columns = [Column::text("class")].into_iter();
    let columns = columns.chain(["defects", "found", "per cent"].into_iter().chain(titles).map(Column::number));
    let defects = |class: &Class| class.defects.clone();
    let all = Class { name: "all".into(), defects: classes.iter().flat_map(defects).collect() };
    let rows: Vec<Vec<String>> = classes.iter().chain([&all]).map(cells).collect();
    let lost = all.defects.iter().filter(|defect| defect.found.is_none());
    let lost: String = lost.map(|defect| format!("not found  {}\n", defect.name)).collect();
    format!("{}{lost}", table(columns.collect(), &rows))
}

fn cells(class: &Class) -> Vec<String> {
    let found: Vec<Found> = class.defects.iter().filter_map(|defect| defect.found).collect();
    let share = 100 * found.len() / class.defects.len().max(1);
    let size = median(found.iter().map(|found| found.size as u64));
    let effort = median(found.iter().map(|found| found.after));
    let numbers = [class.defects.len().to_string(), found.len().to_string(), share.to_string()];
    [class.name.clone()].into_iter().chain(numbers).chain([size, effort]).collect()
}

fn median(numbers: impl Iterator<Item = u64>) -> String {
    let mut numbers: Vec<u64> = numbers.collect();
    numbers.sort_unstable();
    numbers.get(numbers.len() / 2).map_or_else(|| "-".into(), u64::to_string)
}
