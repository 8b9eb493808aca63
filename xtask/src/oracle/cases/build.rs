//! Makes up a value of a key.

use facebook_conversions::normalize::HashedKey;
use fastrand::Rng;

use super::bend::{self, any_character};
use super::samples;

/// Patterns: `#` is a digit, `?` a letter, `*` a hex digit, everything else itself.
const PHONES: &[&str] = &[
    "+1 (###) ###-####",
    "###-###-####",
    "(###)###-####",
    "1##########",
    "001 ### ### ####",
    "+44 (0)20 #### ####",
    "0044 7### ######",
    "07### ######",
    "+49 30 #######",
    "0049 (0)89/######",
    "+33 # ## ## ## ##",
    "0# ## ## ## ##",
    "+55 (##) 9####-####",
    "+91-#####-#####",
    "+86 1## #### ####",
    "+81-90-####-####",
    "+82 10-####-####",
    "+61 4## ### ###",
    "+7 (9##) ###-##-##",
    "+62 8##-####-####",
    "+971 5# ### ####",
    "+52 1 ## #### ####",
    "00213#########",
    "+#######",
    "######",
    "#",
    "+1 ###-###-#### x###",
    "tel:+1##########",
    "###.###.####",
    "+################",
    "0000#######",
];
const POSTCODES: &[&str] = &[
    "#####",
    "#####-####",
    "##### ####",
    "#########",
    "?# #??",
    "??## #??",
    "?#? #??",
    "?#?#?#",
    "#### ??",
    "####",
    "#####-###",
    "##-###",
    "###-####",
    "### ##",
    "###### ",
    "?? ####",
    "??-#####",
    "#",
    "?",
    "?####???",
];
const IDS: &[&str] = &[
    "********-****-4***-****-************",
    "********************************",
    "########",
    "usr_????####",
    "#",
    "????????????????????",
    "user-####",
    "????.????@?????.com",
    "auth0|********************",
    "  ????####  ",
    "????????-####_???=",
    "ID ### ###",
    "****************************************************************",
];
const HASHES: &[&str] = &[
    "****************************************************************",
    "********************************",
    "***************************************************************",
    "*****************************************************************",
    "****************************************************************.AQQCAQMC",
    "****************************************************************.????####",
    "****************************************************************.BA",
    "****************************************************************.??",
    "****************************************************************.?##+/#==",
    "****************************************************************.é##\u{200D}####",
    "********************************.AQQCAQMC",
    "********************************.Ag",
    "*******************************",
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "E3B0C44298FC1C149AFBF4C8996FB92427AE41E4649B934CA495991B7852B855.AQQCAQMC",
    "d41d8cd98f00b204e9800998ecf8427e",
];
const DATES: &[&str] = &[
    "Y-M-D",
    "M/D/Y",
    "D.M.Y",
    "Y/M/D",
    "D-M-Y",
    "YMD",
    "DMY",
    "MDY",
    "M/D/y",
    "y-M-D",
    "Y-M-DT00:00:00.000Z",
    "Y-M-D 12:30:00",
    "M D, Y",
    "D M Y",
    "m/d/Y",
    "d.m.Y",
    "Y.m.d",
    "Y",
    "Y-M",
    "M/Y/D",
    "born Y-M-D",
    "Y年M月D日",
    "D/M/Y/1",
    "Y-M-D-",
    "(D)(M)(Y)",
];

/// A value as it might be found: of the key, a hash now and then, or noise.
pub(super) fn text(key: HashedKey, rng: &mut Rng) -> String {
    match rng.u8(0..100) {
        0..8 => filled(HASHES, rng),
        8..12 => (0..rng.u8(1..12)).map(|_| any_character(rng)).collect(),
        12..20 => (0..rng.u8(1..6)).map(|_| rng.alphabetic()).collect(),
        _ => of_key(key, rng),
    }
}

fn of_key(key: HashedKey, rng: &mut Rng) -> String {
    match key {
        HashedKey::Em => address(rng),
        HashedKey::Ph => filled(PHONES, rng),
        HashedKey::Zp => filled(POSTCODES, rng),
        HashedKey::ExternalId => filled(IDS, rng),
        HashedKey::Db => date(rng),
        HashedKey::Fn | HashedKey::Ln | HashedKey::Ct | HashedKey::St | HashedKey::Country => {
            words(key, rng)
        }
        HashedKey::Ge => sample(key, rng).to_owned(),
    }
}

/// A sample, or two of them with something in between.
fn words(key: HashedKey, rng: &mut Rng) -> String {
    let first = sample(key, rng);
    if rng.u8(0..4) > 0 {
        return first.to_owned();
    }
    let between = rng
        .choice([" ", "-", ", ", "/", "", " of ", " ("])
        .unwrap_or(" ");
    format!("{first}{between}{}", sample(key, rng))
}

fn address(rng: &mut Rng) -> String {
    if rng.u8(0..4) == 0 {
        return sample(HashedKey::Em, rng).to_owned();
    }
    let others = if rng.bool() {
        "._"
    } else {
        ".-_+'!#$%&*/=?^`{|}~:. "
    };
    let local = piece(14, others, rng);
    let labels: Vec<String> = (0..rng.u8(1..5)).map(|_| piece(9, "--_", rng)).collect();
    let top = if rng.bool() { ".com" } else { "" };
    format!("{local}@{}{top}", labels.join("."))
}

/// Letters and digits, with one of the other characters now and then.
fn piece(longest: usize, others: &str, rng: &mut Rng) -> String {
    (0..rng.usize(1..=longest))
        .map(|_| {
            if rng.u8(0..16) == 0 {
                bend::of(others, rng)
            } else {
                rng.alphanumeric()
            }
        })
        .collect()
}

fn date(rng: &mut Rng) -> String {
    let (year, month, day) = (rng.u16(1890..2035), rng.u8(0..14), rng.u8(0..33));
    let form = rng.choice(DATES).copied().unwrap_or("Y-M-D");
    form.chars()
        .map(|c| match c {
            'Y' => format!("{year:04}"),
            'y' => format!("{:02}", year % 100),
            'M' => format!("{month:02}"),
            'm' => month.to_string(),
            'D' => format!("{day:02}"),
            'd' => day.to_string(),
            other => other.to_string(),
        })
        .collect()
}

fn sample(key: HashedKey, rng: &mut Rng) -> &'static str {
    rng.choice(samples::of(key)).copied().unwrap_or_default()
}

fn filled(patterns: &[&str], rng: &mut Rng) -> String {
    let pattern = rng.choice(patterns).copied().unwrap_or_default();
    let fill = |c| match c {
        '#' => rng.digit(10),
        '?' => rng.alphabetic(),
        '*' => rng.digit(16),
        other => other,
    };
    pattern.chars().map(fill).collect()
}
