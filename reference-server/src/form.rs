//! The form body of a request that a client sends directly: token, introspection and revocation.

use std::borrow::Cow;

use crate::refusal::Refusal;
use crate::{Defect, Params, Provider, Request, flaws};

/// The parameters of the body; refused unless it is one well-formed form without doubled parameters.
pub fn read<'a>(provider: &Provider, request: &'a Request) -> Result<Params<'a>, Refusal> {
    let params = parse(provider, request)
        .ok_or_else(|| Refusal::invalid_request("the body has to be of type application/x-www-form-urlencoded"))?;
    if !params.malformed().is_empty() {
        return Err(broken(provider));
    }
    if params.repeated().is_some() && !provider.breaks(Defect::RepeatedTokenParameterAccepted) {
        return Err(Refusal::invalid_request("a parameter is there more than once"));
    }
    Ok(params)
}

fn parse<'a>(provider: &Provider, request: &'a Request) -> Option<Params<'a>> {
    let mut body = Cow::Borrowed(request.body.as_slice());
    if provider.breaks(Defect::JsonTokenRequestAccepted) && !request.is_form() {
        body = flaws::json_as_form(&body)?.into();
    } else if !request.is_form() {
        return None;
    }
    if provider.breaks(Defect::CharsetParameterInContentTypeRefused) && flaws::has_charset(request) {
        return None;
    }
    if provider.breaks(Defect::TokenBodyPlusKeptLiteral) {
        body = flaws::plus_escaped(&body).into();
    }
    if provider.breaks(Defect::FormDecodedAsLatin1) {
        body = flaws::latin1_escaped(&body).into();
    }
    if provider.breaks(Defect::TokenParametersReadFromQuery) {
        body.to_mut().extend([b"&", request.query().as_bytes()].concat());
    }
    if provider.breaks(Defect::ParameterNamesCaseFolded) {
        return Some(Params::parse(&body).with_lower_case_names().into_owned());
    }
    Some(match body {
        Cow::Borrowed(body) => Params::parse(body),
        Cow::Owned(body) => Params::parse(&body).into_owned(),
    })
}

fn broken(provider: &Provider) -> Refusal {
    let refusal = Refusal::invalid_request("the body is not percent-encoded UTF-8");
    if provider.breaks(Defect::BrokenPercent500) { refusal.with_status(500) } else { refusal }
}
