//! Every freedom that the specifications leave and that the provider can be told to take.

switches! {
    /// Something the specifications allow, which no check may fail.
    Liberty {
        LowerCaseTokenType = "lower-case-token-type", "token_type is written bearer";
        Redirect302 = "redirect-302", "authorization responses travel with status 302 instead of 303";
        NoExpiresIn = "no-expires-in", "token answers leave out expires_in";
        ExtraMembers = "extra-members", "token answers have members that no specification names";
        CharsetInContentType = "charset-in-content-type", "token answers name their charset";
        ScopeOmittedWhenUnchanged = "scope-omitted-when-unchanged", "token answers leave out a scope that is the one asked for";
        UnrotatedRefreshForConfidential = "unrotated-refresh-for-confidential", "confidential clients keep their refresh token";
        InvalidClient400ForBodyCredentials = "invalid-client-400-for-body-credentials", "invalid_client has status 400 where no Authorization header was sent";
        ErrorDescriptionAbsent = "error-description-absent", "errors come without description";
        NoRefreshTokenForCode = "no-refresh-token-for-code", "a code gives an access token only";
        JwtAccessTokens = "jwt-access-tokens", "access tokens are signed JWTs";
        LongCodes = "long-codes", "codes are a thousand characters long";
        TokenWithEveryAllowedCharacter = "token-with-every-allowed-character", "access tokens hold every punctuation mark that the grammar allows";
        UnknownScopeDropped = "unknown-scope-dropped", "scope words that the client may not have are left out, and the answer says so";
        CodeBurntByFailedExchange = "code-burnt-by-failed-exchange", "a code is spent by the first attempt, good or bad";
        DummyFragment = "dummy-fragment", "redirects with a query end in a fragment without meaning";
        RedirectWithBody = "redirect-with-body", "redirects have a page as their body";
        ErrorPageStatus200 = "error-page-status-200", "error pages have status 200";
        SecondChallenge = "second-challenge", "the resource names another authentication scheme beside Bearer";
        LowerCaseChallenge = "lower-case-challenge", "authentication schemes in challenges are written in lower case";
        MoreCacheDirectives = "more-cache-directives", "Cache-Control has more directives than no-store";
        PrettyJson = "pretty-json", "JSON answers have line breaks and spaces";
        ConsentRemembered = "consent-remembered", "a confidential client that the user approved before is not asked about again";
    }
}
