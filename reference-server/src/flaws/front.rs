//! A provider behind something else: routes that stumble over queries, header fields that anybody may send and only a proxy should.

use std::borrow::Cow;

use crate::config::Client;
use crate::{Defect, Params, Provider, Request, Response};

/// What is not found because the URL of the endpoint has a query of its own.
pub fn lost_by_query(provider: &Provider, request: &Request) -> Option<Response> {
    if !request.query().split('&').any(|pair| pair == "tenant=a") {
        return None;
    }
    let broken = match request.path().rsplit('/').next() {
        Some("authorize") => Defect::AuthorizeFailsOnOwnQuery,
        Some("token") => Defect::TokenEndpointFailsOnOwnQuery,
        _ => return None,
    };
    provider.breaks(broken).then(|| Response::empty(404))
}

/// The client whose certificate a header field tells of, as if only the proxy could have written it.
pub fn by_certificate_header<'p>(
    provider: &'p Provider,
    request: &Request,
    form: &Params,
    now: u64,
) -> Option<Cow<'p, Client>> {
    let told = request.header("x-ssl-client-verify").is_some_and(|verified| verified == b"SUCCESS");
    let trusts = told && provider.breaks(Defect::MtlsTrustsClientSuppliedCertificateHeader);
    form.get("client_id").filter(|_| trusts).and_then(|id| provider.client(id, now))
}
