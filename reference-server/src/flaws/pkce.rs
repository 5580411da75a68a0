//! Broken promises of PKCE: what is taken in place of the right verifier, and who gets by without one.

use sha2::{Digest, Sha256};

use crate::pkce::{Challenge, Method};
use crate::{Defect, Params, Provider};

/// Whether a request without challenge passes although it has to have one.
pub fn requirement_is_waived(provider: &Provider, params: &Params) -> bool {
    provider.breaks(Defect::MissingChallengeAccepted)
        || provider.breaks(Defect::EmptyCodeChallengeSatisfiesRequirement)
            && params.literal("code_challenge") == Some("")
        || provider.breaks(Defect::NonceSwitchesPkceOff) && params.get("nonce").is_some()
        || provider.breaks(Defect::MethodWithoutChallengeSatisfiesRequirement)
            && params.get("code_challenge_method").is_some()
}

/// Whether a verifier is taken for a code without challenge.
pub fn takes_needless_verifier(provider: &Provider) -> bool {
    provider.breaks_any(&[
        Defect::VerifierAcceptedWithoutChallenge,
        Defect::UnneededVerifierIgnored,
        Defect::VerifierAcceptedThoughChallengeStripped,
        Defect::EmptyChallengeDisablesPkce,
    ])
}

/// Whether a verifier that does not fit is taken all the same.
pub fn is_taken_for(challenge: &Challenge, provider: &Provider, verifier: &str, expected: &str, form: &Params) -> bool {
    let (s256, plain) = (challenge.method() == Method::S256, challenge.is_plain());
    let asks_for_plain = form.get("code_challenge_method") == Some("plain");
    provider.breaks(Defect::VerifierNotCompared) && s256
        || provider.breaks(Defect::PlainNotCompared) && plain
        || provider.breaks(Defect::S256FallsBackToPlainComparison) && verifier == challenge.value()
        || provider.breaks(Defect::TokenRequestChoosesMethod) && asks_for_plain && verifier == challenge.value()
        || provider.breaks(Defect::VerifierComparedCaseInsensitively) && matches_in_other_case(challenge, verifier)
        || provider.breaks(Defect::EmptyMethodSkipsVerification) && challenge.value().is_empty()
        || provider.breaks(Defect::S256ChallengeComparedByPrefix) && challenge.value().starts_with(expected)
        || provider.breaks(Defect::PaddedChallengeMatches) && challenge.value().trim_end_matches('=') == expected
        || provider.breaks(Defect::S256AcceptsHexDigest) && challenge.value().eq_ignore_ascii_case(&hex(verifier))
}

/// Whether the verifier would match if one of its letters had the other case.
fn matches_in_other_case(challenge: &Challenge, verifier: &str) -> bool {
    let flipped = |at: usize| {
        verifier
            .bytes()
            .enumerate()
            .map(|(here, byte)| char::from(if here == at { byte ^ 0x20 } else { byte }))
            .collect::<String>()
    };
    let letters = verifier.bytes().enumerate().filter(|(_, byte)| byte.is_ascii_alphabetic());
    letters.map(|(at, _)| flipped(at)).any(|other| challenge.method().transform(&other) == challenge.value())
}

fn hex(verifier: &str) -> String {
    data_encoding::HEXLOWER.encode(&Sha256::digest(verifier))
}
