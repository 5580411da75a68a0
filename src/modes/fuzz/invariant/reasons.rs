//! What the file of a finding says about its invariant.

/// Why these rules matter, and how a server is mended, by name of the invariant.
pub const REASONS: &[(&str, &str, &str)] = &[
    (
        "server-error",
        "Input that ends in a server error was not expected by anybody, and costs more than a refusal.",
        "Refuse the input with the error of the specification; find the exception in the log.",
    ),
    (
        "hang",
        "A request that keeps the server busy for seconds is a cheap way to stop it.",
        "Bound the length of what is matched, and use patterns without backtracking.",
    ),
    (
        "no-answer",
        "A request that ends without an answer has stopped something inside the server.",
        "Find the crash in the log; refuse the input with the error of the specification.",
    ),
    (
        "credential",
        "Whoever lacks the credential must get nothing.",
        "Compare the whole credential, exactly, before anything is issued.",
    ),
    (
        "same",
        "What the specifications tell a server to ignore or to decode must not change its answer.",
        "Ignore unknown parameters, take those without a value as not sent, and decode the form encoding.",
    ),
    (
        "refused",
        "What a specification refuses is read one way by one component and another way by the next.",
        "Refuse the request with the error of the specification, before anything is issued.",
    ),
    (
        "state",
        "A client that finds another state than it sent has to end the login, or a forged one goes through.",
        "Give `state` back as it came, encoded for the place where it stands.",
    ),
    (
        "redirect",
        "Codes, tokens and errors that go to an address that was not registered are somebody else's.",
        "Compare the redirect URI with the registered ones as simple strings.",
    ),
    (
        "issuer",
        "A client that trusts several servers tells by `iss` which of them answered (RFC 9207).",
        "Send the issuer of the metadata, letter by letter.",
    ),
    (
        "cors",
        "A script that may read the authorization endpoint can act for the user who is logged in.",
        "Send no Access-Control-Allow-Origin from the authorization endpoint.",
    ),
    ("echo", "What an error repeats ends in logs and on screens.", "Let error texts be fixed words."),
    (
        "error-shape",
        "A client reads the error by the grammar; what does not parse is no error to it.",
        "Answer as RFC 6749 section 5.2 says, with fixed words.",
    ),
    (
        "challenge",
        "A 401 without a challenge does not say how to authenticate.",
        "Send WWW-Authenticate with every 401 (RFC 9110 section 15.5.2).",
    ),
    (
        "header-injection",
        "A line end that reaches a header lets the request write the answer.",
        "Encode what goes into a header, or refuse line ends.",
    ),
    (
        "markup",
        "Markup of the request that comes back as markup runs in the user's browser.",
        "Escape what a page shows.",
    ),
];
