//! Reading the body of a request: JSON, urlencoded form, multipart form.

use std::collections::BTreeMap;

use axum::{
    body::Body,
    extract::{FromRequest, Multipart},
    http::{HeaderMap, Request, header},
};
use bytes::Bytes;
use serde_json::{Value, value::RawValue};

use crate::graph_error::{self as faults, RequestFault};

/// The parameters of a request, wherever they came from; those of the body win
/// over those of the query.
#[derive(Debug, Default)]
pub(crate) struct Parameters(BTreeMap<String, Parameter>);

#[derive(Debug)]
enum Parameter {
    /// From a query or a form.
    Text(String),
    /// From a JSON body.
    Json(Box<RawValue>),
}

impl Parameters {
    /// Reads query and body; an empty body has no parameters.
    pub(crate) async fn read(
        query: Option<&str>,
        headers: &HeaderMap,
        body: Bytes,
    ) -> Result<Self, RequestFault> {
        let mut parameters = Self::default();
        parameters.extend_from_form(query.unwrap_or_default().as_bytes());
        match media_type(headers).as_str() {
            "application/x-www-form-urlencoded" => parameters.extend_from_form(&body),
            "multipart/form-data" => parameters.extend_from_multipart(headers, body).await?,
            _ if body.is_empty() => {}
            _ => parameters.extend_from_json(&body)?,
        }
        Ok(parameters)
    }

    fn extend_from_form(&mut self, form: &[u8]) {
        let pairs = url::form_urlencoded::parse(form);
        self.0.extend(
            pairs.map(|(name, value)| (name.into_owned(), Parameter::Text(value.into_owned()))),
        );
    }

    async fn extend_from_multipart(
        &mut self,
        headers: &HeaderMap,
        body: Bytes,
    ) -> Result<(), RequestFault> {
        let mut request = Request::new(Body::from(body));
        *request.headers_mut() = headers.clone();
        let mut form = Multipart::from_request(request, &())
            .await
            .map_err(|_| faults::BODY_UNREADABLE)?;
        while let Some(field) = form
            .next_field()
            .await
            .map_err(|_| faults::BODY_UNREADABLE)?
        {
            let name = field.name().unwrap_or_default().to_owned();
            let text = field.text().await.map_err(|_| faults::BODY_UNREADABLE)?;
            self.0.insert(name, Parameter::Text(text));
        }
        Ok(())
    }

    fn extend_from_json(&mut self, body: &[u8]) -> Result<(), RequestFault> {
        let members: BTreeMap<String, Box<RawValue>> =
            serde_json::from_slice(body).map_err(|_| faults::INVALID_JSON)?;
        self.0.extend(
            members
                .into_iter()
                .map(|(name, raw)| (name, Parameter::Json(raw))),
        );
        Ok(())
    }

    /// A parameter as text that is not blank; other JSON than text and numbers counts as absent.
    pub(crate) fn text(&self, name: &str) -> Option<String> {
        let text = match self.0.get(name)? {
            Parameter::Text(text) => text.clone(),
            Parameter::Json(raw) => match serde_json::from_str(raw.get()).ok()? {
                Value::String(text) => text,
                Value::Number(number) => number.to_string(),
                _ => return None,
            },
        };
        (!text.trim().is_empty()).then_some(text)
    }

    /// `data`, whose entries keep their bytes.
    pub(crate) fn data(&self) -> Result<Vec<Box<RawValue>>, RequestFault> {
        let text = match self.0.get("data") {
            None => return Err(faults::DATA_MISSING),
            Some(Parameter::Text(text)) => text.clone(),
            // A list may also come as text that holds JSON.
            Some(Parameter::Json(raw)) => {
                serde_json::from_str(raw.get()).unwrap_or_else(|_| raw.get().to_owned())
            }
        };
        let raw: &RawValue = match text.trim() {
            "" | "null" => return Err(faults::DATA_MISSING),
            text => serde_json::from_str(text).map_err(|_| faults::INVALID_JSON)?,
        };
        serde_json::from_str(raw.get()).map_err(|_| faults::DATA_NOT_A_LIST)
    }
}

/// The media type in lower case, without its parameters.
fn media_type(headers: &HeaderMap) -> String {
    let value = headers
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok());
    let media_type = value
        .unwrap_or_default()
        .split(';')
        .next()
        .unwrap_or_default();
    media_type.trim().to_ascii_lowercase()
}

/// The token of an `Authorization` header, whose scheme may be `Bearer` or `OAuth`.
pub(crate) fn header_token(headers: &HeaderMap) -> Option<String> {
    let value = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, token) = value.trim().split_once(' ')?;
    let known = scheme.eq_ignore_ascii_case("bearer") || scheme.eq_ignore_ascii_case("oauth");
    let token = token.trim();
    (known && !token.is_empty()).then(|| token.to_owned())
}

/// Whether Meta takes a `partner_agent`: fewer than 23 characters, at least two letters.
pub(crate) fn is_partner_agent(agent: &str) -> bool {
    agent.chars().count() < 23 && agent.chars().filter(|c| c.is_alphabetic()).count() >= 2
}
