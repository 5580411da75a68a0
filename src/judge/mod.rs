//! The judge only looks: it selects values of what the engine recorded and applies predicates. Pure.

mod challenge;
pub mod forms;
mod guard;
pub mod page;
mod pairs;
mod predicate;
mod refusal;
mod sample;
mod select;
mod violations;

pub use challenge::{challenges, written};
pub use guard::guard;
pub use refusal::may_not;
pub use select::{decode as part_of_jwt, select};
pub use violations::{Violation, holds, violations};
