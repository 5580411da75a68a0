//! In which order checks run over a network: most beside each other, those that need something that is there only once one
//! after the other, and last of all those that use something up.

use std::sync::Arc;

use crate::scenario::Check;

/// Checks that run one after the other, by their places in the run.
pub type Lane = Vec<usize>;

/// What a user has once only: a new generator of one-time passwords takes the place of the one before.
const ONCE: &str = "otp_enrolment";

/// Lanes that run beside each other, and the one that runs after them.
pub fn order(checks: &[Arc<Check>]) -> (Vec<Lane>, Lane) {
    let (last, first): (Lane, Lane) = (0..checks.len()).partition(|at| checks[*at].file.last);
    let shares = |at: &usize| checks[*at].file.needs.iter().any(|need| need == ONCE);
    let (shared, own): (Lane, Lane) = first.into_iter().partition(shares);
    // The long lane begins first, so that nothing waits for it in the end.
    let lanes = std::iter::once(shared).chain(own.into_iter().map(|at| vec![at]));
    (lanes.collect(), last)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::Suite;

    #[test]
    fn what_is_there_once_is_used_by_one_check_at_a_time_and_what_uses_it_up_comes_last() {
        let suite = Suite::embedded().unwrap();
        let (lanes, last) = order(suite.checks());
        let id = |at: &usize| suite.checks()[*at].id.as_str();
        let shared: Vec<&str> = lanes[0].iter().map(id).collect();
        assert!(shared.contains(&"otp/rfc4226-5.1/counter-follows-the-user"), "{shared:?}");
        assert!(shared.iter().all(|id| id.starts_with("otp/")), "{shared:?}");
        assert!(lanes[1..].iter().all(|lane| lane.len() == 1));
        assert!(last.iter().map(id).any(|id| id == "otp/rfc4226-7.3/guessing-is-throttled"));
        let mut all: Vec<usize> = lanes.concat().into_iter().chain(last).collect();
        all.sort_unstable();
        assert!(all.into_iter().eq(0..suite.checks().len()), "each check has one place");
    }
}
