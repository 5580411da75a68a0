//! One-time passwords: HOTP (RFC 4226) and TOTP (RFC 6238), as a client computes them.

use super::{Hash, hmac};

/// The code for a counter; `None` for other than 6 to 8 digits.
pub fn hotp(key: &[u8], counter: u64, digits: u32, hash: Hash) -> Option<String> {
    if !(6..=8).contains(&digits) {
        return None;
    }
    let mac = hmac(hash, key, &counter.to_be_bytes());
    let offset = usize::from(*mac.last()? & 0x0f);
    let chosen: [u8; 4] = mac.get(offset..offset + 4)?.try_into().ok()?;
    let number = u32::from_be_bytes(chosen) & 0x7fff_ffff;
    Some(format!("{:0width$}", number % 10_u32.pow(digits), width = digits as usize))
}

/// The code for a moment in Unix seconds; `None` for a period of zero or other than 6 to 8 digits.
pub fn totp(key: &[u8], seconds: u64, period: u64, digits: u32, hash: Hash) -> Option<String> {
    hotp(key, seconds.checked_div(period)?, digits, hash)
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: &[u8] = b"12345678901234567890";

    #[test]
    fn the_codes_of_rfc_4226_appendix_d_are_right() {
        let codes =
            ["755224", "287082", "359152", "969429", "338314", "254676", "287922", "162583", "399871", "520489"];
        for (counter, code) in codes.into_iter().enumerate() {
            assert_eq!(hotp(KEY, counter as u64, 6, Hash::Sha1).as_deref(), Some(code), "counter {counter}");
        }
    }

    #[test]
    fn the_codes_of_rfc_6238_appendix_b_are_right() {
        let long = |length: usize| KEY.iter().copied().cycle().take(length).collect::<Vec<_>>();
        let table = [
            (59, "94287082", "46119246", "90693936"),
            (1_111_111_109, "07081804", "68084774", "25091201"),
            (1_111_111_111, "14050471", "67062674", "99943326"),
            (1_234_567_890, "89005924", "91819424", "93441116"),
            (2_000_000_000, "69279037", "90698825", "38618901"),
            (20_000_000_000, "65353130", "77737706", "47863826"),
        ];
        for (time, sha1, sha256, sha512) in table {
            for (hash, length, code) in [(Hash::Sha1, 20, sha1), (Hash::Sha256, 32, sha256), (Hash::Sha512, 64, sha512)]
            {
                assert_eq!(totp(&long(length), time, 30, 8, hash).as_deref(), Some(code), "{time} {hash:?}");
            }
        }
    }

    #[test]
    fn other_lengths_than_six_to_eight_digits_are_refused() {
        assert!([0, 5, 9].into_iter().all(|digits| hotp(KEY, 0, digits, Hash::Sha1).is_none()));
    }
}
