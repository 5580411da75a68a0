//! Whether two secrets are the same, found out in a time that tells nothing but their lengths.

use aws_lc_rs::constant_time::verify_slices_are_equal;

/// Whether this is the secret that was wanted.
pub fn same(wanted: impl AsRef<[u8]>, given: impl AsRef<[u8]>) -> bool {
    verify_slices_are_equal(wanted.as_ref(), given.as_ref()).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_the_same_when_all_of_them_is() {
        assert!(same("", "") && same("secret", "secret"));
        for other in ["", "secre", "secret ", "Secret", "secreu"] {
            assert!(!same("secret", other) && !same(other, "secret"), "{other}");
        }
    }
}
