//! Server events as an embedder might build them, also with mistakes.

use facebook_conversions::{
    ActionSource, AppData, BusinessMessagingEvent, Content, Currency, DataProcessing, ExtInfo,
    ExternalId, Flag, HashedValue, MessagingChannel, Number, OneOrMany, RawJson, ServerEvent,
    StandardEvent, UserData,
};
use proptest::prelude::*;

/// An event around a time, in Unix seconds.
pub fn event(now: i64) -> impl Strategy<Value = ServerEvent<'static>> {
    let parts = (
        name(),
        time(now),
        user_data(),
        source(),
        money(),
        prop::option::of(url()),
    );
    (
        parts,
        contents(),
        prop::option::of((
            any::<bool>(),
            0u16..2,
            prop::sample::select(vec![0u16, 1000, 1013]),
        )),
    )
        .prop_map(
            |(
                (name, time, user_data, (source, app_data, channel), (value, currency), url),
                contents,
                processing,
            )| {
                let mut event = ServerEvent::new(name, time);
                event.user_data = user_data;
                event.action_source = source;
                event.app_data = app_data.map(Box::new);
                event.messaging_channel = channel;
                event.event_source_url = url.map(Into::into);
                event.custom_data.value = value;
                event.custom_data.currency = currency;
                event.custom_data.contents = contents;
                event
                    .custom_data
                    .custom_properties
                    .push("note", RawJson::string("any"));
                event.data_processing.0 = processing
                    .and_then(|(ldu, country, state)| DataProcessing::new(ldu, country, state));
                event
            },
        )
}

fn name() -> impl Strategy<Value = String> {
    prop_oneof![
        4 => Just("Purchase".to_owned()),
        2 => prop::sample::select(StandardEvent::ALL).prop_map(|event| event.name().to_owned()),
        2 => prop::sample::select(BusinessMessagingEvent::ALL).prop_map(|event| event.name().to_owned()),
        1 => "\\PC{0,60}",
    ]
}

/// Mostly valid, and often just inside or outside of a limit.
fn time(now: i64) -> impl Strategy<Value = i64> {
    const DAY: i64 = 86_400;
    let edges = [7 * DAY, 62 * DAY, -60, 0]
        .into_iter()
        .flat_map(|age| [age - 1, age, age + 1])
        .collect::<Vec<_>>();
    prop_oneof![
        4 => (0..7 * DAY).prop_map(move |age| now - age),
        2 => prop::sample::select(edges).prop_map(move |age| now - age),
        1 => any::<i64>(),
    ]
}

fn user_data() -> impl Strategy<Value = UserData<'static>> {
    let hashed = || prop::option::weighted(0.3, "[a-z]{1,8}");
    let text = |form: &'static str| prop::option::weighted(0.3, form);
    let keys = (hashed(), hashed(), hashed(), hashed(), hashed(), hashed());
    let ids = (
        prop::option::weighted(0.2, "[a-z0-9]{1,8}"),
        text("(203\\.0\\.113\\.[0-9]|2001:db8::1|203\\.0\\.113)(\\.BA)?"),
        text("Mozilla/5\\.0"),
        text("fb\\.1\\.[0-9]{13}\\.[A-Za-z0-9_.-]{0,6}"),
        text("fb\\.[01]\\.[0-9]{13}\\.[0-9a]{1,3}"),
        prop::option::weighted(0.05, 10_u64.pow(13)..10_u64.pow(16)),
        text("p-[0-9]"),
    );
    (keys, ids).prop_map(
        |((em, first, ln, db, ge, country), (id, ip, agent, fbc, fbp, lead_id, partner_id))| {
            let hash = |text: Option<String>| {
                text.and_then(|text| HashedValue::hash(&text))
                    .into_iter()
                    .collect()
            };
            UserData {
                em: hash(em),
                r#fn: hash(first),
                ln: hash(ln),
                db: hash(db),
                ge: hash(ge),
                country: hash(country),
                external_id: id
                    .map(|id| ExternalId::Plain(id.into()))
                    .map_or(OneOrMany::None, OneOrMany::One),
                client_ip_address: ip.map(Into::into),
                client_user_agent: agent.map(Into::into),
                fbc: fbc.map(Into::into),
                fbp: fbp.map(Into::into),
                lead_id,
                partner_id: partner_id.map(Into::into),
                ..UserData::default()
            }
        },
    )
}

type Source = (
    Option<ActionSource>,
    Option<AppData<'static>>,
    Option<MessagingChannel>,
);

fn source() -> impl Strategy<Value = Source> {
    let extinfo = (
        prop::sample::select(vec!["a2", "i2", "x1", ""]),
        prop::sample::select(vec!["17.5", "", " "]),
    );
    let extinfo = extinfo.prop_map(|(version, os_version)| ExtInfo {
        version: version.into(),
        os_version: os_version.into(),
        ..ExtInfo::default()
    });
    let app_data = (
        prop::option::weighted(0.9, any::<bool>()),
        any::<bool>(),
        prop::option::weighted(0.9, extinfo),
    );
    let app_data = app_data.prop_map(|(advertiser, application, extinfo)| AppData {
        advertiser_tracking_enabled: advertiser.map(Flag),
        application_tracking_enabled: Some(Flag(application)),
        extinfo,
        ..AppData::default()
    });
    (
        prop::option::weighted(0.9, prop::sample::select(ActionSource::ALL)),
        prop::option::of(app_data),
        prop::option::of(prop::sample::select(MessagingChannel::ALL)),
    )
}

fn money() -> impl Strategy<Value = (Option<Number<'static>>, Option<Currency>)> {
    let value = prop::option::weighted(0.8, prop_oneof![Just("19.90"), Just("-1"), Just("1e300")]);
    let currency = prop::option::weighted(0.8, prop_oneof![Just("usd"), Just("MRU"), Just("JPY")]);
    (value, currency).prop_map(|(value, currency)| {
        (
            value.and_then(Number::parse),
            currency.and_then(Currency::parse),
        )
    })
}

fn contents() -> impl Strategy<Value = Vec<Content<'static>>> {
    let item = (
        prop_oneof![4 => "[a-z0-9]{1,5}", 1 => " {0,1}"],
        prop::option::of(any::<u64>()),
    );
    prop::collection::vec(item, 0..3).prop_map(|items| {
        let content = |(id, quantity): (String, Option<u64>)| Content {
            quantity,
            ..Content::new(id)
        };
        items.into_iter().map(content).collect()
    })
}

fn url() -> impl Strategy<Value = String> {
    prop_oneof![3 => Just("https://shop.example/".to_owned()), 1 => "(HTTP://|ftp://|//)?a\\.example"]
}
