//! Harness and provider share no code; for any key and moment they compute the same one-time passwords and keyed hashes.

use grantcheck::crypto::{self, Hash};
use proptest::prelude::*;
use reference_server::otp::{self, OtpHash};

fn hashes() -> impl Strategy<Value = (Hash, OtpHash)> {
    prop_oneof![
        Just((Hash::Sha1, OtpHash::Sha1)),
        Just((Hash::Sha256, OtpHash::Sha256)),
        Just((Hash::Sha512, OtpHash::Sha512)),
    ]
}

proptest! {
    #[test]
    fn hotp_agrees_for_any_key_and_counter(
        key in proptest::collection::vec(any::<u8>(), 0..200), counter: u64, digits in 0_u32..12, hash in hashes()
    ) {
        prop_assert_eq!(crypto::hotp(&key, counter, digits, hash.0), otp::hotp(&key, counter, digits, hash.1));
    }

    #[test]
    fn totp_agrees_for_any_moment_and_period(
        key in proptest::collection::vec(any::<u8>(), 0..200), seconds in 0..i64::MAX, period: u64, digits in 6_u32..=8,
        hash in hashes()
    ) {
        let ours = crypto::totp(&key, seconds.unsigned_abs(), period, digits, hash.0);
        prop_assert_eq!(ours, otp::totp(&key, seconds, period, digits, hash.1));
    }

    #[test]
    fn a_code_has_its_digits_and_nothing_else(key: [u8; 20], counter: u64, digits in 6_u32..=8) {
        let code = otp::hotp(&key, counter, digits, OtpHash::Sha1).unwrap_or_default();
        prop_assert!(code.len() == digits as usize && code.bytes().all(|byte| byte.is_ascii_digit()), "{}", code);
    }

    #[test]
    fn moments_of_one_step_have_one_code(key: [u8; 20], step in 0_i64..1 << 40, within in 0_i64..30) {
        let code = |seconds| otp::totp(&key, seconds, 30, 8, OtpHash::Sha1);
        prop_assert_eq!(code(step * 30), code(step * 30 + within));
    }

    #[test]
    fn a_time_before_1970_has_no_code(key: [u8; 20], seconds in i64::MIN..0) {
        prop_assert_eq!(otp::totp(&key, seconds, 30, 6, OtpHash::Sha1), None);
    }

    #[test]
    fn keyed_hashes_agree_for_any_key_and_message(
        key in proptest::collection::vec(any::<u8>(), 0..300), message in proptest::collection::vec(any::<u8>(), 0..300),
        hash in hashes()
    ) {
        prop_assert_eq!(crypto::hmac(hash.0, &key, &message), otp::mac(hash.1, &key, &message));
    }
}
