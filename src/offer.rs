//! Whether a target offers what a check needs, in the words of the catalogue. The answer is data from the target
//! file and the metadata that was merged into it; nothing is asked over the wire.

use crate::target::{ClientAuth, Login, Target};

/// `Ok` when the target offers it, else why not and how to enable it.
pub fn offers(target: &Target, word: &str) -> Result<(), String> {
    if target.lacks.iter().any(|lacking| lacking == word) {
        return Err(format!("the target file says that it lacks `{word}`"));
    }
    if target.supports.iter().any(|offered| offered == word) || always(word) {
        return Ok(());
    }
    match derived(target, word) {
        Some(true) => Ok(()),
        Some(false) => Err(missing(word)),
        None => Err(format!("the target file does not list `{word}` in `supports`")),
    }
}

/// What the harness itself can do.
fn always(word: &str) -> bool {
    matches!(word, "raw_http" | "parallel_requests" | "large_sample" | "https_redirect_uri")
}

/// What endpoints, clients, users and scopes tell; `None` when only `supports` can.
fn derived(target: &Target, word: &str) -> Option<bool> {
    let client = |role: &str| target.clients.contains_key(role);
    let endpoint = |name: &str| target.endpoints.contains_key(name);
    let resource = |name: &str| target.resources.contains_key(name);
    let scope = |name: &str| target.scope(name).is_some();
    let uris = |role: &str, found: fn(&str) -> bool| {
        target.client(role).is_some_and(|client| client.redirect_uris.iter().any(|uri| found(uri)))
    };
    let confidential = target.clients.get("confidential");
    Some(match word {
        "confidential_client" => confidential.is_some_and(|client| client.method() != ClientAuth::None),
        "public_client" => client("public"),
        "second_client" => client("other"),
        "client_lacking_grant" | "restricted_scope_client" => client("limited"),
        "client_without_redirect_uri" => client("unregistered") && client("unregistered_public"),
        "special_char_client" => client("special"),
        "jwt_client_auth" | "private_key_jwt" => {
            target.clients.get("assertion").is_some_and(|client| client.key.is_some())
        }
        "client_without_key" => client("keyless"),
        "jwks_uri" => endpoint("jwks"),
        "resource_indicators" => resource("own") && resource("other"),
        "client_named_like_user" => client("named_like_user"),
        "two_resource_servers" => endpoint("resource") && endpoint("other_resource"),
        "extension_response_type" => target.composite_response_type.is_some(),
        "special_char_client_id" => {
            target.clients.get("special").is_some_and(|client| client.id.contains([':', '%', '+', '&', '/', ' ']))
        }
        "native_client" => target.client("native").is_some(),
        "native_secret_client" => client("native_secret"),
        "pkce_required" => client("pkce_required") || client("public"),
        "signed_requests" => client("signed"),
        "introspection_caller" => endpoint("introspection"),
        "introspection_allowed" => {
            client("resource_server") || target.supports.iter().any(|word| word == "introspection_caller")
        }
        "oauth_metadata" => {
            target.endpoints.get("metadata").is_some_and(|url| !url.ends_with("/.well-known/openid-configuration"))
        }
        "second_introspection_caller" => client("resource_server"),
        "basic_auth" => confidential.is_some_and(|client| client.method() == ClientAuth::Basic),
        "body_auth" => confidential.is_some_and(|client| client.method() == ClientAuth::Post),
        "single_redirect_uri" => confidential.is_some_and(|client| client.redirect_uris.len() == 1),
        "two_redirect_uris" => target.clients.get("two_redirects").is_some_and(|two| two.redirect_uris.len() > 1),
        "redirect_uri_with_query" => uris("other", |uri| uri.contains('?')),
        "loopback_redirect_uri" => {
            uris("native", |uri| uri.starts_with("http://127.") || uri.starts_with("http://[::1]"))
        }
        "loopback_ipv6_redirect_uri" => uris("native", |uri| uri.starts_with("http://[::1]")),
        "issuer_with_path" => target.issuer.as_deref().is_some_and(has_path),
        "private_use_redirect_uri" => uris("native", |uri| !uri.starts_with("http")),
        "claimed_client_name" => confidential.is_some_and(|client| client.display_name.is_some()),
        "scripted_user" => target.login.is_some(),
        "scripted_denial" | "page_access" => matches!(target.login, Some(Login::Form(_))),
        "page_answers" => match &target.login {
            None | Some(Login::Command(_) | Login::Query(_) | Login::Webdriver(_)) => false,
            Some(Login::Requests(calls)) => calls.approve_device.is_some(),
            Some(_) => true,
        },
        "device_page_access" => match &target.login {
            Some(Login::Requests(calls)) => calls.open_device.is_some() && calls.approve_device.is_some(),
            login => matches!(login, Some(Login::Form(_))),
        },
        "login_page" => {
            !matches!(target.login, None | Some(Login::None(_) | Login::Query(_) | Login::Cookie(_) | Login::Header(_)))
        }
        "second_factor_user" => target.users.contains_key("second_factor"),
        "user_session" => matches!(target.login, Some(Login::Form(_) | Login::Cookie(_))),
        "second_user" => target.users.contains_key("second"),
        "unicode_user" => target.users.contains_key("unicode"),
        "user_password" => target.users.get("default").is_some_and(|user| !user.password.is_empty()),
        "login_scope" => scope("login"),
        "multi_scope" => scope("two"),
        "wider_scope" => scope("wider"),
        "refused_scope" => scope("refused"),
        "known_default_scope" => scope("default"),
        "resource_endpoint" => endpoint("resource"),
        "scoped_resources" => endpoint("resource") && endpoint("resource_write"),
        "access_token_revocation" => endpoint("revocation"),
        "refresh_token_introspection" => endpoint("introspection"),
        "introspection"
        | "revocation"
        | "registration"
        | "metadata"
        | "userinfo"
        | "device_authorization"
        | "end_session"
        | "error_page" => endpoint(word),
        "device_code" => endpoint("device_authorization"),
        "par" => endpoint("pushed_authorization_request"),
        "hook_disable_user" => target.hooks.contains_key("disable_user") && target.hooks.contains_key("enable_user"),
        "otp_function" => endpoint("otp_code"),
        "hmac_function" => endpoint("otp_hmac"),
        "totp_verifier" | "hotp_verifier" => endpoint("otp_verify"),
        "otp_enrolment" => endpoint("otp_enrol"),
        "https_target" => target.endpoints.get("token").is_some_and(|url| url.starts_with("https:")),
        "authorization_endpoint_query" => target.endpoints.get("authorization").is_some_and(|url| url.contains('?')),
        "token_endpoint_query" => target.endpoints.get("token").is_some_and(|url| url.contains('?')),
        "cleartext_port" => target.tls.cleartext.is_some(),
        _ => return None,
    })
}

fn has_path(issuer: &str) -> bool {
    url::Url::parse(issuer).is_ok_and(|issuer| !issuer.path().trim_matches('/').is_empty())
}

/// How a derived word is enabled.
fn missing(word: &str) -> String {
    let place = match word {
        "confidential_client" | "basic_auth" | "body_auth" => "`[clients.confidential]` of that kind",
        "public_client" | "pkce_required" => "`[clients.public]`",
        "second_client" => "`[clients.other]`",
        "redirect_uri_with_query" => "`[clients.other]` with a redirect URI that has a query",
        "client_lacking_grant" | "restricted_scope_client" => "`[clients.limited]`",
        "special_char_client" => "`[clients.special]`",
        "resource_indicators" => "`[resources]` with `own` and `other`",
        "client_named_like_user" => "`[clients.named_like_user]`",
        "two_resource_servers" => "`endpoints.resource` and `endpoints.other_resource`",
        "extension_response_type" => "`composite_response_type`",
        "jwt_client_auth" | "private_key_jwt" => "`[clients.assertion]` with a `key`",
        "client_without_key" => "`[clients.keyless]`",
        "special_char_client_id" => "`[clients.special]` with an odd identifier",
        "client_without_redirect_uri" => "`[clients.unregistered]` and `[clients.unregistered_public]`",
        "hook_disable_user" => "`[hooks]` with `disable_user` and `enable_user`",
        "issuer_with_path" => "`issuer` with a path",
        "native_client" | "loopback_redirect_uri" | "loopback_ipv6_redirect_uri" | "private_use_redirect_uri" => {
            "`[clients.native]` of that kind"
        }
        "native_secret_client" => "`[clients.native_secret]`",
        "two_redirect_uris" => "`[clients.two_redirects]` with two redirect URIs",
        "signed_requests" => "`[clients.signed]`",
        "introspection_allowed" => "`[clients.resource_server]`, or `introspection_caller` in `supports`",
        "oauth_metadata" => "`metadata`, an address of RFC 8414",
        "second_introspection_caller" => "`[clients.resource_server]`",
        "https_target" => return "needs `https_target`: the token endpoint is not reached over https".into(),
        "authorization_endpoint_query" => "authorization endpoint whose URL has a query",
        "token_endpoint_query" => "token endpoint whose URL has a query",
        "cleartext_port" => "`tls.cleartext`",
        "scripted_user" => "a `[login.…]` driver",
        "scripted_denial" | "page_access" | "login_page" | "page_answers" | "user_session" => "`[login.form]`",
        "device_code" => "`endpoints.device_authorization`",
        "second_user" => "`[users.second]`",
        "second_factor_user" => "`[users.second_factor]`",
        "device_page_access" => "`[login.form]`, or `[login.requests]` with `open_device` and `approve_device`",
        "unicode_user" => "`[users.unicode]`",
        "user_password" => "a password in `[users.default]`",
        "login_scope" => "`scopes.login`",
        "multi_scope" => "`scopes.two`",
        "wider_scope" => "scope beyond those of `scopes.login`",
        "refused_scope" => "`scopes.refused`",
        "known_default_scope" => "`scopes.default`",
        "resource_endpoint" => "`endpoints.resource`",
        "scoped_resources" => "`endpoints.resource` and `endpoints.resource_write`",
        _ => return format!("the target does not offer `{word}` (no such endpoint or client in the target file)"),
    };
    format!("needs `{word}`: the target file has no {place}")
}
