//! What the request knows and a message may lack: address, user agent, Meta's cookies, the page.

use facebook_conversions::{is_fbc, is_fbp, is_http_url, write_str};
use segment_spec::{Context, Page, Raw};

use crate::options::{EnrichmentOptions, Senders};
use crate::request::client_ip::client_ip;
use crate::request::cookie::cookie;
use crate::request::sender::{Sender, SenderKind};

/// Longer headers and cookies are ignored: they would be added to every message of a batch.
const MAX_VALUE_BYTES: usize = 4096;

/// What may be added to the messages of one request, as JSON texts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Enrichment {
    ip: Option<String>,
    user_agent: Option<String>,
    fbp: Option<String>,
    fbc: Option<ClickCookie>,
    page_url: Option<String>,
}

/// The cookie of a click on an ad.
#[derive(Clone, Debug, PartialEq, Eq)]
struct ClickCookie {
    json: String,
    /// The click id in it.
    fbclid: String,
}

impl Enrichment {
    /// Gathers what the options let a request say.
    pub(crate) fn new(sender: &Sender<'_>, options: &EnrichmentOptions) -> Self {
        let kind = match options.senders {
            Senders::Clients => sender.kind(),
            Senders::All => SenderKind::Browser,
        };
        let mut enrichment = Self::default();
        if kind == SenderKind::Server {
            return enrichment;
        }
        if options.ip {
            let ip = client_ip(sender.peer, sender.headers, &options.trusted_proxies);
            enrichment.ip = ip.map(|ip| quoted(&ip.to_string()));
        }
        if kind == SenderKind::App {
            return enrichment;
        }
        if options.user_agent {
            enrichment.user_agent = sender.user_agent().filter(is_short).map(quoted);
        }
        if options.cookies && sender.is_same_site() {
            let cookie = |name| cookie(sender.headers, name).filter(is_short);
            enrichment.fbp = cookie("_fbp").filter(|value| is_fbp(value)).map(quoted);
            enrichment.fbc = cookie("_fbc")
                .filter(|value| is_fbc(value))
                .and_then(|value| {
                    Some(ClickCookie {
                        json: quoted(value),
                        fbclid: value.split('.').nth(3)?.to_owned(),
                    })
                });
        }
        if options.page && sender.is_same_origin() {
            let page = sender
                .text("referer")
                .filter(|page| is_short(page) && is_http_url(page));
            enrichment.page_url = page.map(quoted);
        }
        enrichment
    }

    /// Bytes of all of it.
    pub(crate) fn bytes(&self) -> usize {
        let fbc = self.fbc.as_ref().map(|click| &click.json);
        [&self.ip, &self.user_agent, &self.fbp, &self.page_url]
            .into_iter()
            .flatten()
            .chain(fbc)
            .map(String::len)
            .sum()
    }

    /// Adds to a `context` what it lacks. A context of the wrong type stays as it is, and so does such a page.
    pub(crate) fn fill<'m>(&'m self, context: &mut Context<'m>) {
        if context.wrong_type {
            return;
        }
        for (member, json) in [
            (&mut context.ip, &self.ip),
            (&mut context.user_agent, &self.user_agent),
            (&mut context.fbp, &self.fbp),
        ] {
            fill(member, json.as_deref());
        }
        if !context.page.wrong_type {
            fill(&mut context.page.url, self.page_url.as_deref());
        }
        // A click id in the page's address is newer than a cookie that holds another.
        if let Some(click) = &self.fbc
            && fbclid_of_page(&context.page).is_none_or(|fbclid| click.fbclid == fbclid)
        {
            fill(&mut context.fbc, Some(&click.json));
        }
    }
}

fn fill<'m>(member: &mut Option<Raw<'m>>, json: Option<&'m str>) {
    if let Some(json) = json
        && member.is_none_or(Raw::is_blank)
    {
        *member = Some(Raw::trusted(json));
    }
}

fn is_short(value: &&str) -> bool {
    value.len() <= MAX_VALUE_BYTES
}

fn quoted(text: &str) -> String {
    let mut json = String::with_capacity(text.len() + 2);
    write_str(text, &mut json);
    json
}

/// The click id in the address of the page, if it is one that the mapping would use.
fn fbclid_of_page(page: &Page<'_>) -> Option<String> {
    let of_url = || {
        let url = page.url?.as_str()?;
        fbclid(url.split_once('?')?.1)
    };
    let of_search = || fbclid(page.search?.as_str()?.trim_start_matches('?'));
    of_url().or_else(of_search)
}

fn fbclid(query: &str) -> Option<String> {
    let query = query.split('#').next()?;
    let value = query
        .split('&')
        .find_map(|pair| pair.strip_prefix("fbclid="))?;
    let is_click_id = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-');
    (!value.is_empty() && value.bytes().all(is_click_id)).then(|| value.to_owned())
}

#[cfg(test)]
mod tests;
