//! Numbers that begin with the calling code and are meant with it, though by their length they could be national.
//!
//! `39 06 1234 5678` is a number of Rome and no Italian number that begins with 39. Which of the two a text is, the
//! patterns of the country tell: what follows the calling code must be possible, and either the whole is no possible
//! national number, or what follows is a number that the country has assigned.

use std::collections::HashMap;

use regex_automata::dfa::{Automaton, dense};
use regex_automata::util::{primitives::StateID, syntax};
use regex_automata::{Anchored, Input};

use super::{Plan, Span};

/// Digits behind the calling code by which numbers are told apart. More would say little more: that is where area codes
/// end.
const DEPTH: usize = 3;

type Pattern = dense::DFA<Vec<u32>>;

/// The spans of a country, in order.
pub(super) fn international_numbers(plan: &Plan) -> Vec<Span> {
    let (Some(possible), Some(valid)) = (compile(plan.possible), compile(plan.valid)) else {
        return Vec::new();
    };
    let (Some(whole), Some(rest), Some(rest_if_valid)) = (
        start(&possible).map(|state| after(&possible, state, plan.calling_code)),
        start(&possible),
        start(&valid),
    ) else {
        return Vec::new();
    };
    let mut search = Search {
        possible: &possible,
        valid: &valid,
        lengths: &plan.lengths,
        seen: HashMap::new(),
    };
    let at = Position {
        whole,
        rest,
        rest_if_valid,
        digits: plan.calling_code.len(),
    };
    let mut spans = Vec::new();
    search.collect(at, plan.calling_code, DEPTH, &mut spans);
    spans
}

/// Whether a possible number begins with a zero.
pub(super) fn keeps_zero(plan: &Plan) -> bool {
    compile(plan.possible).is_some_and(|pattern| {
        start(&pattern).is_some_and(|state| {
            let state = pattern.next_state(state, b'0');
            !pattern.is_dead_state(state)
        })
    })
}

fn compile(pattern: &str) -> Option<Pattern> {
    dense::Builder::new()
        .configure(dense::Config::new().start_kind(regex_automata::dfa::StartKind::Anchored))
        .syntax(syntax::Config::new().unicode(false).utf8(false))
        .build(&format!("^(?:{pattern})$"))
        .ok()
}

fn start(pattern: &Pattern) -> Option<StateID> {
    let input = Input::new("").anchored(Anchored::Yes);
    pattern.start_state_forward(&input).ok()
}

fn after(pattern: &Pattern, state: StateID, digits: &str) -> StateID {
    digits
        .bytes()
        .fold(state, |state, digit| pattern.next_state(state, digit))
}

fn is_match(pattern: &Pattern, state: StateID) -> bool {
    pattern.is_match_state(pattern.next_eoi_state(state))
}

/// Where the patterns are after the same digits.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
struct Position {
    /// The whole number, read as a possible national one.
    whole: StateID,
    /// What follows the calling code, read as a possible number.
    rest: StateID,
    /// What follows the calling code, read as an assigned number.
    rest_if_valid: StateID,
    /// Digits so far.
    digits: usize,
}

/// What can follow a position.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Ends {
    /// Lengths of whole numbers that end behind it, as bits.
    lengths: u32,
    /// Whether nothing but the length decides.
    is_uniform: bool,
}

struct Search<'a> {
    possible: &'a Pattern,
    valid: &'a Pattern,
    lengths: &'a [u8],
    seen: HashMap<Position, Ends>,
}

impl Search<'_> {
    /// Adds the spans of the numbers that begin with `prefix`.
    fn collect(&mut self, at: Position, prefix: &str, depth: usize, spans: &mut Vec<Span>) {
        let ends = self.ends(at);
        if ends.lengths == 0 {
            return;
        }
        if ends.is_uniform || depth == 0 {
            add(spans, prefix, ends.lengths);
            return;
        }
        for digit in b'0'..=b'9' {
            let longer = format!("{prefix}{}", char::from(digit));
            self.collect(self.next(at, digit), &longer, depth - 1, spans);
        }
    }

    fn next(&self, at: Position, digit: u8) -> Position {
        Position {
            whole: self.possible.next_state(at.whole, digit),
            rest: self.possible.next_state(at.rest, digit),
            rest_if_valid: self.valid.next_state(at.rest_if_valid, digit),
            digits: at.digits + 1,
        }
    }

    fn ends(&mut self, at: Position) -> Ends {
        let longest = self.lengths.iter().max().copied().unwrap_or_default();
        if self.possible.is_dead_state(at.rest) || at.digits > usize::from(longest) {
            return Ends {
                lengths: 0,
                is_uniform: true,
            };
        }
        if let Some(ends) = self.seen.get(&at) {
            return *ends;
        }
        let has_length = self
            .lengths
            .iter()
            .any(|length| usize::from(*length) == at.digits);
        let is_meant = is_match(self.possible, at.rest)
            && (!is_match(self.possible, at.whole) || is_match(self.valid, at.rest_if_valid));
        let following: Vec<Ends> = (b'0'..=b'9')
            .map(|digit| self.ends(self.next(at, digit)))
            .collect();
        let all = following.iter().fold(0, |all, ends| all | ends.lengths);
        let ends = Ends {
            lengths: all | u32::from(has_length && is_meant) << at.digits,
            is_uniform: following
                .iter()
                .all(|ends| ends.is_uniform && ends.lengths == all),
        };
        self.seen.insert(at, ends);
        ends
    }
}

/// Adds the numbers with a prefix, to the last span where they continue it.
fn add(spans: &mut Vec<Span>, prefix: &str, lengths: u32) {
    let lengths: Vec<u8> = (0..32).filter(|bit| lengths >> bit & 1 == 1).collect();
    let follows = |last: &str| match (last.parse::<u64>(), prefix.parse::<u64>()) {
        (Ok(last), Ok(first)) => last + 1 == first,
        _ => false,
    };
    if let Some(last) = spans.last_mut()
        && last.lengths == lengths
        && last.last.len() == prefix.len()
        && follows(&last.last)
    {
        prefix.clone_into(&mut last.last);
        return;
    }
    spans.push(Span {
        first: prefix.to_owned(),
        last: prefix.to_owned(),
        lengths,
    });
}
