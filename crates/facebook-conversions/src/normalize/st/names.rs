//! States and provinces by name.

/// Name without anything but letters, in lower case, and code: the 50 states of the United States, the District of
/// Columbia, the five inhabited territories, and the 13 provinces and territories of Canada. In alphabetical order.
///
/// <https://www.census.gov/library/reference/code-lists/ansi.html>
/// <https://www.iso.org/obp/ui/#iso:code:3166:CA>
#[rustfmt::skip]
pub(super) const NAMES: &[(&str, &str)] = &[
    ("alabama",                 "al"),
    ("alaska",                  "ak"),
    ("alberta",                 "ab"),
    ("americansamoa",           "as"),
    ("arizona",                 "az"),
    ("arkansas",                "ar"),
    ("britishcolumbia",         "bc"),
    ("california",              "ca"),
    ("colorado",                "co"),
    ("connecticut",             "ct"),
    ("delaware",                "de"),
    ("districtofcolumbia",      "dc"),
    ("florida",                 "fl"),
    ("georgia",                 "ga"),
    ("guam",                    "gu"),
    ("hawaii",                  "hi"),
    ("idaho",                   "id"),
    ("illinois",                "il"),
    ("indiana",                 "in"),
    ("iowa",                    "ia"),
    ("kansas",                  "ks"),
    ("kentucky",                "ky"),
    ("louisiana",               "la"),
    ("maine",                   "me"),
    ("manitoba",                "mb"),
    ("maryland",                "md"),
    ("massachusetts",           "ma"),
    ("michigan",                "mi"),
    ("minnesota",               "mn"),
    ("mississippi",             "ms"),
    ("missouri",                "mo"),
    ("montana",                 "mt"),
    ("nebraska",                "ne"),
    ("nevada",                  "nv"),
    ("newbrunswick",            "nb"),
    ("newfoundlandandlabrador", "nl"),
    ("newhampshire",            "nh"),
    ("newjersey",               "nj"),
    ("newmexico",               "nm"),
    ("newyork",                 "ny"),
    ("northcarolina",           "nc"),
    ("northdakota",             "nd"),
    ("northernmarianaislands",  "mp"),
    ("northwestterritories",    "nt"),
    ("novascotia",              "ns"),
    ("nunavut",                 "nu"),
    ("ohio",                    "oh"),
    ("oklahoma",                "ok"),
    ("ontario",                 "on"),
    ("oregon",                  "or"),
    ("pennsylvania",            "pa"),
    ("princeedwardisland",      "pe"),
    ("puertorico",              "pr"),
    ("quebec",                  "qc"),
    ("rhodeisland",             "ri"),
    ("saskatchewan",            "sk"),
    ("southcarolina",           "sc"),
    ("southdakota",             "sd"),
    ("tennessee",               "tn"),
    ("texas",                   "tx"),
    ("usvirginislands",         "vi"),
    ("utah",                    "ut"),
    ("vermont",                 "vt"),
    ("virginia",                "va"),
    ("virginislands",           "vi"),
    ("washington",              "wa"),
    ("washingtondc",            "dc"),
    ("westvirginia",            "wv"),
    ("wisconsin",               "wi"),
    ("wyoming",                 "wy"),
    ("yukon",                   "yt"),
];

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::NAMES;

    #[test]
    fn names_are_in_order_and_made_of_letters() {
        assert!(
            NAMES.is_sorted_by_key(|(name, _)| name),
            "binary search needs order"
        );
        for (name, code) in NAMES {
            assert!(
                name.len() > 2 && name.bytes().all(|b| b.is_ascii_lowercase()),
                "{name}"
            );
            assert!(
                code.len() == 2 && code.bytes().all(|b| b.is_ascii_lowercase()),
                "{code}"
            );
        }
    }

    #[test]
    fn every_state_territory_and_province_has_its_code() {
        let codes: BTreeSet<&str> = NAMES.iter().map(|(_, code)| *code).collect();
        assert_eq!(codes.len(), 50 + 1 + 5 + 13);
    }
}
