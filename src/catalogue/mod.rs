//! The requirement catalogue: what the specifications demand of a server, a row a rule; profiles; coverage.

mod coverage;
mod elsewhere;
mod load;
mod overlap;
mod profile;
mod requirement;

pub use coverage::{SpecCoverage, coverage};
pub use elsewhere::{OtherSuite, OtherTest, other_suites};
pub use load::{Catalogue, CatalogueError};
pub use overlap::SharedDefect;
pub use profile::Profile;
pub use requirement::{Basis, Level, Requirement, Testable};
