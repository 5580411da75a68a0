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
        ExtraHeaders = "extra-headers", "answers have header fields that nobody asked for";
        ExpiresHeader = "expires-header", "answers that are not to be kept say so by Expires, too";
        MoreCookies = "more-cookies", "pages set a second cookie and clear a third";
        TokenCookie = "token-cookie", "the token endpoint sets the cookie of a load balancer";
        CorsOpenToken = "cors-open-token", "scripts of any site may call the token endpoint, without cookies";
        UpperCaseMediaType = "upper-case-media-type", "JSON answers call themselves Application/JSON";
        JsonMembersReversed = "json-members-reversed", "JSON answers have their members in another order";
        JsonSlashesEscaped = "json-slashes-escaped", "JSON answers escape their slashes";
        MetaRefreshDelivery = "meta-refresh-delivery", "authorization responses travel by a page that refreshes to the client";
        ScriptDelivery = "script-delivery", "authorization responses travel by a page whose script goes to the client";
        LongErrorDescription = "long-error-description", "the description of an error is long";
        ErrorUri = "error-uri", "errors come with a page to read";
        ErrorExtraMembers = "error-extra-members", "errors have members that no specification names";
        ChallengeWithMoreParameters = "challenge-with-more-parameters", "Bearer challenges name the metadata of the resource";
        ChallengesInTwoFields = "challenges-in-two-fields", "another challenge comes in a header field of its own";
        ResourcePlainText = "resource-plain-text", "the resource is plain text";
        ResourceRefusalsWithoutBody = "resource-refusals-without-body", "refusals of the resource have no body";
        ScopeOrderReversed = "scope-order-reversed", "the words of a scope come in another order";
        RefreshExpiryTold = "refresh-expiry-told", "token answers tell how long the refresh token lives";
        UpperCaseTokenType = "upper-case-token-type", "token_type is written BEARER";
        MetadataExtraMembers = "metadata-extra-members", "the metadata has members that no specification names";
        MetadataCached = "metadata-cached", "the metadata may be kept for an hour";
        IntrospectionMinimal = "introspection-minimal", "introspection says whether a token is active and nothing else";
        IntrospectionExtraMembers = "introspection-extra-members", "introspection answers have members that no specification names";
        RevocationBody = "revocation-body", "the answer to a revocation has a body";
        ErrorPageStatus403 = "error-page-status-403", "error pages have status 403";
        ErrorPageJson = "error-page-json", "errors that are not redirected are JSON";
        LoginPageStatus403 = "login-page-status-403", "the login page has status 403";
        StrictSessionCookie = "strict-session-cookie", "the session cookie is SameSite=Strict";
        LongAccessTokens = "long-access-tokens", "access tokens are four thousand characters long";
        LongRefreshTokens = "long-refresh-tokens", "refresh tokens are four thousand characters long";
        CodeWithEveryAllowedCharacter = "code-with-every-allowed-character", "codes hold every punctuation mark that the grammar allows";
        RefreshTokenWithEveryAllowedCharacter = "refresh-token-with-every-allowed-character", "refresh tokens hold every punctuation mark that the grammar allows";
        ResponseParametersReordered = "response-parameters-reordered", "authorization responses have their parameters in another order";
        ExtraResponseParameters = "extra-response-parameters", "authorization responses have parameters that no specification names";
        ResponsePercentEncoded = "response-percent-encoded", "authorization responses encode every byte of their values";
        MissingVerifierInvalidRequest = "missing-verifier-invalid-request", "a missing code_verifier is an invalid_request";
        LocksSayNothing = "locks-say-nothing", "who guesses too often is refused like any wrong guess, without status 429";
        ShortAccessTokens = "short-access-tokens", "access tokens live five minutes";
        ShortCodes = "short-codes", "codes live half a minute";
        RefreshTokenRepeated = "refresh-token-repeated", "confidential clients keep their refresh token, and each refresh names it again";
        NoRefreshTokenForPublicClients = "no-refresh-token-for-public-clients", "public clients get no refresh token";
        ConsentRemembered = "consent-remembered", "a confidential client that the user approved before is not asked about again";
        RegistrationNeverEnds = "registration-never-ends", "registrations and their secrets do not end";
        RegistrationExtraMembers = "registration-extra-members", "answers to registrations have members that no specification names";
        CopiesAreOneClient = "copies-are-one-client", "a public client that registers the same again is the same client";
        NativeClientsGetOwnSecrets = "native-clients-get-own-secrets", "each copy of a native client that registers gets a secret of its own";
        LocalhostRegistered = "localhost-registered", "native clients may register http redirect URIs on localhost";
        EmbeddedAgentsBlocked = "embedded-agents-blocked", "embedded user agents get an error page";
        OddRedirectUrisRegistered = "odd-redirect-uris-registered", "redirect URIs with an asterisk or without a path are registered and stand for nothing but themselves";
    }
}
