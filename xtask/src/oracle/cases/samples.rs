//! Values as they are found in the wild, for each key.

use facebook_conversions::normalize::HashedKey;

/// The samples of a key; empty where patterns say it better.
pub(super) const fn of(key: HashedKey) -> &'static [&'static str] {
    match key {
        HashedKey::Em => ADDRESSES,
        HashedKey::Fn => FIRST_NAMES,
        HashedKey::Ln => LAST_NAMES,
        HashedKey::Ge => GENDERS,
        HashedKey::Ct => CITIES,
        HashedKey::St => STATES,
        HashedKey::Country => COUNTRIES,
        HashedKey::Ph | HashedKey::Db | HashedKey::Zp | HashedKey::ExternalId => &[],
    }
}

#[rustfmt::skip]
const ADDRESSES: &[&str] = &[
    "john_smith@gmail.com", "First.Last+tag@Example.co.uk", "a@b.c", "x@y.museum", "user@localhost", "a..b@example.com",
    ".a@example.com", "a.@example.com", "user@-example.com", "user@example-.com", "josé@example.com", "user@bücher.example",
    "user@xn--bcher-kva.example", "mailto:john@example.com", "john@example.com, jane@example.com", "\"john\"@example.com",
    "john@[127.0.0.1]", "john@127.0.0.1", "john@example..com", "john@example.com.", "@example.com", "john@", "john",
    "o'brien@example.ie", "a/b=c@example.com", "{x}@example.com", "user@sub-domain.example.com", "1@2.34", "n/a", "null",
];
#[rustfmt::skip]
const FIRST_NAMES: &[&str] = &[
    "Mary", "Mary Jane", "Mary-Jane", "Dr. Mary J.", "Jean-Luc", "Valéry", "Zoë", "Søren", "Łukasz", "İlker", "Ιωάννης",
    "ΑΛΕΞΑΝΔΡΟΣ", "Иван", "Ольга", "محمد", "אברהם", "สมชาย", "李", "山田", "정", "Nguyễn", "D’Arcy", "D'Arcy", "(Bob)", "Mr",
    "J.", "X Æ A-12", "Ṣẹ́gun", "ǅ", "Straße", "N/A", "-", "123", "Mary 😀",
];
#[rustfmt::skip]
const LAST_NAMES: &[&str] = &[
    "Smith", "O'Brien", "O’Brien", "van der Berg", "MÜLLER-LÜDENSCHEIDT", "Smith, Jr.", "Núñez", "Straße", "ΙΣΟΣ", "ΣΙΣΥΦΟΣ",
    "ΟΔΟΣ ΑΒ", "Petrov", "Петров", "Wałęsa", "Åström", "de la Cruz", "St. John", "Ó Súilleabháin", "王", "佐藤", "김", "Phạm",
    "ibn Sīnā", "الخوارزمي", "Smith III", "#N/A", "Müller & Söhne", "Ng", "O", "Ğüneş", "İnönü", "Şahin",
];
#[rustfmt::skip]
const GENDERS: &[&str] = &[
    "f", "m", "F", "M", "female", "male", "Female", "MALE", "woman", "man", "girl", "boy", "Mr", "Mrs", "Ms", "Miss", "mr.",
    "lady", "gentleman", "ma'am", "madam", "she", "he", "her", "him", "hers", "his", "they", "non-binary", "other", "unknown",
    "x", "0", "1", "queen", "king", "wife", "husband", "mother", "father", "dad", "mommy", "mum", "femme", "mann", "frau",
    "she/her", "prefer not to say", "dude", "chick", "sir", "widower", "widow", "bride", "groom", "himself", "herself",
    "constructor", "m/f", "(f)", "male ", "w", "d", "divers", "masculino", "femenino", "女", "男", "ж", "м",
];
#[rustfmt::skip]
const CITIES: &[&str] = &[
    "London", "New York", "Menlo Park", "St. Louis", "L'Aquila", "Winston-Salem", "São Paulo", "Zürich", "Île-de-France",
    "29 Palms", "Paris 75", "75 Paris", "北京", "Москва", "دبي", "Αθήνα", "İstanbul", "Kraków", "Łódź", "Malmö", "Aix-en-Provence",
    "'s-Hertogenbosch", "Saint-Étienne", "N/A", "Frankfurt am Main", "Frankfurt (Oder)", "Washington, D.C.", "Bengaluru",
    "Ho Chi Minh City", "Đà Nẵng", "Å", "Y", "Truth or Consequences", "Köln", "京都市", "Reykjavík", "Quận 1", "1770",
];
#[rustfmt::skip]
const STATES: &[&str] = &[
    "California", "CA", "ca", "New York", "N.Y.", "NY", "Texas", "TX ", "West Virginia", "Virginia", "Washington",
    "Washington DC", "Washington, D.C.", "District of Columbia", "D.C.", "Puerto Rico", "Guam", "American Samoa",
    "U.S. Virgin Islands", "Virgin Islands", "Northern Mariana Islands", "Ontario", "Québec", "Quebec", "British Columbia",
    "Newfoundland and Labrador", "Newfoundland", "PEI", "Prince Edward Island", "Yukon", "Nunavut", "Bavaria", "Bayern",
    "Baden-Württemberg", "New South Wales", "NSW", "Victoria", "Île-de-France", "US-CA", "CA-ON", "México", "Jalisco",
    "Maharashtra", "State of New York", "North Carolina", "N Carolina", "north dakota", "Kansas", "Arkansas", "İzmir",
    "東京都", "東京", "Московская область", "San José", "W", "9", "Bezirk 9", "CA 90210", "Ohio 1", "constructor", "n/a",
    "Lower Saxony", "England", "São Paulo", "SP", "Hawai'i", "Mass.", "Calif.", "Georgia", "Maine", "Rhode Island",
];
#[rustfmt::skip]
const COUNTRIES: &[&str] = &[
    "us", "US", "USA", "U.S.A.", "United States", "United States of America", "the United States", "America", "gb", "GB",
    "GBR", "UK", "U.K.", "United Kingdom", "Great Britain", "England", "Scotland", "Northern Ireland", "Ireland", "de", "DEU",
    "Germany", "Deutschland", "Österreich", "Austria", "AUT", "Schweiz", "Switzerland", "CHE", "POL", "Poland", "Polska",
    "PRT", "Portugal", "Republic of Korea", "South Korea", "Korea, Republic of", "KOR", "Korea", "North Korea", "Japan",
    "日本", "JPN", "中国", "China", "Hong Kong", "Taiwan", "Macau", "Macao", "Brasil", "Brazil", "BRA", "México", "Mexico",
    "Côte d'Ivoire", "Cote d'Ivoire", "Ivory Coast", "Curaçao", "Réunion", "Reunion", "Åland Islands", "Türkiye", "Turkey",
    "Czechia", "Czech Republic", "Cabo Verde", "Holy See", "Vatican City", "North Macedonia", "Netherlands",
    "The Netherlands", "Holland", "NL", "Nederland", "Россия", "Russia", "Russian Federation", "Viet Nam", "Vietnam", "zz",
    "ZZZ", "EU", "en", "en-US", "XK", "UAE", "IND", "India", "Indonesia", "Guinea", "Guinea-Bissau", "Papua New Guinea",
    "Niger", "Nigeria", "Dominica", "Dominican Republic", "Congo", "Democratic Republic of the Congo", "Sudan",
    "South Sudan", "Samoa", "American Samoa", "Saint Martin", "Sint Maarten (Dutch part)", "Georgia", "Jersey", "Oman",
    "Romania", "Mali", "Somalia", "u", "+us+", "constructor", "İtaly", "Falkland Islands", "British Virgin Islands",
];
