//! What the request knows and a message may lack: address, user agent, Meta's cookies, the page.

use facebook_conversions::{is_fbc, is_fbp, is_http_url};

use crate::client_ip::client_ip;
use crate::cookie::cookie;
use crate::object::{Object, is_blank, quoted, text};
use crate::options::{Enrichment, Senders};
use crate::sender::{Kind, Sender};

/// Bytes of a header or cookie at most: it is copied into every message of a batch.
const LONGEST: usize = 4096;

/// What may be added to the messages of one request, as raw JSON.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Additions {
    ip: Option<String>,
    user_agent: Option<String>,
    fbp: Option<String>,
    fbc: Option<Click>,
    page_url: Option<String>,
}

/// The cookie of a click on an ad.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Click {
    raw: String,
    /// The click id in it.
    fbclid: String,
}

impl Additions {
    /// Gathers what the options let a request say.
    pub(crate) fn of(sender: &Sender<'_>, options: &Enrichment) -> Self {
        let kind = match options.senders {
            Senders::Clients => sender.kind(),
            Senders::All => Kind::Browser,
        };
        if kind == Kind::Server {
            return Self::default();
        }
        let ip = || client_ip(sender.peer, sender.headers, &options.trusted_proxies);
        let mut additions = Self {
            ip: options
                .ip
                .then(ip)
                .flatten()
                .map(|ip| quoted(&ip.to_string())),
            ..Self::default()
        };
        if kind == Kind::App {
            return additions;
        }
        if options.user_agent {
            additions.user_agent = sender.user_agent().filter(is_short).map(quoted);
        }
        if options.cookies && sender.is_same_site() {
            let fbp =
                cookie(sender.headers, "_fbp").filter(|value| is_short(value) && is_fbp(value));
            additions.fbp = fbp.map(quoted);
            let fbc =
                cookie(sender.headers, "_fbc").filter(|value| is_short(value) && is_fbc(value));
            additions.fbc = fbc.and_then(|value| {
                Some(Click {
                    raw: quoted(value),
                    fbclid: value.split('.').nth(3)?.to_owned(),
                })
            });
        }
        if options.page && sender.is_same_origin() {
            let page = sender
                .text("referer")
                .filter(|page| is_short(page) && is_http_url(page));
            additions.page_url = page.map(quoted);
        }
        additions
    }

    pub(crate) fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// Adds to a `context` what it lacks.
    pub(crate) fn apply(&self, context: &mut Object<'_>) {
        let lacks = |context: &Object<'_>, key| context.get(key).is_none_or(is_blank);
        for (key, value) in [
            ("ip", &self.ip),
            ("userAgent", &self.user_agent),
            ("fbp", &self.fbp),
        ] {
            if let Some(value) = value
                && lacks(context, key)
            {
                context.set(key, value.clone());
            }
        }
        if let Some(url) = &self.page_url
            && let Some(page) = with_url(context.get("page"), url)
        {
            context.set("page", page);
        }
        if let Some(click) = &self.fbc
            && lacks(context, "fbc")
            && fbclid_of_page(context).is_none_or(|fbclid| click.fbclid == fbclid)
        {
            context.set("fbc", click.raw.clone());
        }
    }
}

fn is_short(value: &&str) -> bool {
    value.len() <= LONGEST
}

/// `context.page` with an address; `None` if it has one, or is not an object.
fn with_url(page: Option<&str>, url: &str) -> Option<String> {
    let mut page = match page {
        Some(page) => Object::read(page)?,
        None => Object::default(),
    };
    if page.get("url").is_some_and(|url| !is_blank(url)) {
        return None;
    }
    page.set("url", url.to_owned());
    Some(page.to_json())
}

/// The click id in the address of the page: it is newer than any cookie that holds another. One that the mapping would
/// not use is none.
fn fbclid_of_page(context: &Object<'_>) -> Option<String> {
    let page = Object::read(context.get("page")?)?;
    let of_url = || {
        let url = text(page.get("url")?)?;
        fbclid(url.split_once('?')?.1)
    };
    let of_search = || fbclid(text(page.get("search")?)?.trim_start_matches('?'));
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
