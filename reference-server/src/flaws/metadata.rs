//! Broken promises of the metadata document.

use serde_json::{Map, Value, json};

use crate::metadata::{self, WELL_KNOWN};
use crate::{Defect, Provider, Request, Response};

/// The issuer that the document names.
pub fn issuer_for_metadata(provider: &Provider, request: &Request) -> String {
    let header = |name: &str| request.header(name).map(|value| format!("http://{}", String::from_utf8_lossy(value)));
    let seen = match (provider.breaks(Defect::IssuerFromHostHeader), provider.breaks(Defect::IssuerFromForwardedHost)) {
        (true, _) => header("host"),
        (_, true) => header("x-forwarded-host"),
        _ => None,
    };
    seen.unwrap_or_else(|| provider.config.issuer.clone())
}

/// The document on its way out.
pub fn metadata(provider: &Provider, document: &mut Map<String, Value>) {
    let absent = [
        (Defect::AuthorizationEndpointNotAdvertised, "authorization_endpoint"),
        (Defect::TokenEndpointNotAdvertised, "token_endpoint"),
        (Defect::ResponseTypesNotAdvertised, "response_types_supported"),
        (Defect::ChallengeMethodsMissingFromMetadata, "code_challenge_methods_supported"),
        (Defect::IssSupportNotAdvertised, "authorization_response_iss_parameter_supported"),
        (Defect::IssuerNotPublished, "issuer"),
        (Defect::GrantTypesDefaultWrong, "grant_types_supported"),
        (Defect::TokenAuthAlgsMissing, "token_endpoint_auth_signing_alg_values_supported"),
        (Defect::RevocationAuthAlgsMissing, "revocation_endpoint_auth_signing_alg_values_supported"),
        (Defect::IntrospectionAuthAlgsMissing, "introspection_endpoint_auth_signing_alg_values_supported"),
    ];
    for (_, name) in absent.into_iter().filter(|(defect, _)| provider.breaks(*defect)) {
        document.shift_remove(name);
    }
    let other = [
        (
            Defect::AuthorizationEndpointPublishedWithFragment,
            "authorization_endpoint",
            json!(format!("{}/authorize#top", provider.config.issuer)),
        ),
        (
            Defect::TokenEndpointPublishedWithFragment,
            "token_endpoint",
            json!(format!("{}/token#top", provider.config.issuer)),
        ),
        (
            Defect::RevocationEndpointHasFragment,
            "revocation_endpoint",
            json!(format!("{}/revoke#top", provider.config.issuer)),
        ),
        (Defect::RevocationEndpointPublishedAsHttp, "revocation_endpoint", json!("http://as.example/revoke")),
        (Defect::MetadataListsHttpEndpoint, "service_documentation", json!("http://as.example/manual")),
        (Defect::MetadataListsHttpEndpoint, "introspection_endpoint", json!("http://as.example/introspect")),
        (Defect::MetadataEndpointDangling, "token_endpoint", json!(format!("{}/v0/token", provider.config.issuer))),
        (
            Defect::MetadataEndpointDangling,
            "introspection_endpoint",
            json!(format!("{}/v0/introspect", provider.config.issuer)),
        ),
        (Defect::IssuerHasQuery, "issuer", json!(format!("{}?tenant=1", provider.config.issuer))),
        (Defect::ScopesSupportedIsString, "scopes_supported", json!("read write")),
        (Defect::GrantTypesUnderstated, "grant_types_supported", json!(["authorization_code", "implicit"])),
        (Defect::TokenAuthMethodsIncomplete, "token_endpoint_auth_methods_supported", json!(["tls_client_auth"])),
        (Defect::TokenAuthNoRs256, "token_endpoint_auth_signing_alg_values_supported", json!(["ES256"])),
        (
            Defect::TokenAuthAlgNoneAdvertised,
            "token_endpoint_auth_signing_alg_values_supported",
            json!(["RS256", "none"]),
        ),
        (
            Defect::RevocationAuthAlgNoneAdvertised,
            "revocation_endpoint_auth_signing_alg_values_supported",
            json!(["RS256", "none"]),
        ),
        (
            Defect::IntrospectionAuthAlgNoneAdvertised,
            "introspection_endpoint_auth_signing_alg_values_supported",
            json!(["RS256", "none"]),
        ),
        (Defect::ServiceDocumentationNotAUrl, "service_documentation", json!("see the manual")),
        (Defect::UiLocalesIsString, "ui_locales_supported", json!("en de")),
        (Defect::MetadataHasEmptyArray, "ui_locales_supported", json!([])),
        (Defect::IssFlagIsString, "authorization_response_iss_parameter_supported", json!("true")),
    ];
    for (_, name, value) in other.into_iter().filter(|(defect, ..)| provider.breaks(*defect)) {
        document.insert(name.to_owned(), value);
    }
    if let Some(signed) = super::signed_metadata(provider) {
        document.insert("signed_metadata".into(), json!(signed));
    }
}

/// The response with the document on its way out.
pub fn metadata_response(provider: &Provider, request: &Request, mut response: Response) -> Response {
    if provider.breaks(Defect::MetadataContentTypeText) {
        response = response.without("Content-Type").with("Content-Type", "text/html");
    }
    if provider.breaks(Defect::MetadataRequiresAuth) && request.header("authorization").is_none() {
        return Response::empty(401).with("WWW-Authenticate", "Basic realm=\"metadata\"");
    }
    if provider.breaks(Defect::MetadataNotAtWellKnown) || provider.breaks(Defect::MetadataNotPublished) {
        return Response::empty(404);
    }
    response
}

/// The document at places where it does not belong.
pub fn stray_metadata(provider: &Provider, request: &Request) -> Option<Response> {
    let base = provider.base_path();
    let invented = "/.well-known/oauth-server-metadata";
    match request.path() {
        path if path.starts_with(WELL_KNOWN) && provider.breaks(Defect::MetadataUnderUnregisteredSuffix) => {
            Some(Response::empty(404))
        }
        path if path == invented && provider.breaks(Defect::MetadataUnderUnregisteredSuffix) => {
            Some(metadata::handle(provider, request))
        }
        path if !base.is_empty()
            && path.strip_prefix(base) == Some(WELL_KNOWN)
            && provider.breaks(Defect::MetadataPathAppendedOnly) =>
        {
            Some(metadata::handle(provider, request))
        }
        path if path.starts_with(WELL_KNOWN)
            && provider.breaks(Defect::MetadataPathAppendedOnly)
            && !base.is_empty() =>
        {
            Some(Response::empty(404))
        }
        "/.well-known/openid-configuration" if provider.breaks(Defect::OidcAndOauthMetadataDiffer) => {
            let endpoint = format!("{}/oidc/token", provider.config.issuer);
            Some(Response::json(200, &json!({"issuer": provider.config.issuer, "token_endpoint": endpoint})))
        }
        _ => None,
    }
}

/// Answers of the authorization endpoint that other sites may read.
pub fn cors(provider: &Provider, request: &Request, answer: impl FnOnce() -> Response) -> Response {
    if request.method == "OPTIONS" && provider.breaks(Defect::CorsPreflightOnAuthorize) {
        let response = Response::empty(204).with("Access-Control-Allow-Origin", "*");
        return response
            .with("Access-Control-Allow-Methods", "GET")
            .with("Access-Control-Allow-Headers", "authorization");
    }
    let response = answer();
    match provider.breaks(Defect::AuthorizationEndpointSendsCorsHeaders) {
        true => response.with("Access-Control-Allow-Origin", "*"),
        false => response,
    }
}

/// Whether the document of this provider is given to every tenant.
pub fn serves_any_tenant(provider: &Provider) -> bool {
    provider.breaks(Defect::UnknownTenantGetsDefaultMetadata)
}

/// The answer where there is no document.
pub fn no_metadata(provider: &Provider) -> Response {
    match provider.breaks(Defect::Metadata404As200) {
        true => Response::html(200, "<h1>Not found</h1>".into()),
        false => Response::empty(404),
    }
}
