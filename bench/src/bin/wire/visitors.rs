//! People who visit: who sends the next message.

use std::fmt;
use std::io::{self, BufWriter, Write};
use std::sync::atomic::{AtomicU64, Ordering};

/// How many people there are, and how many messages each sends in a row.
#[derive(Clone, Copy)]
pub(crate) struct Visits {
    pub(crate) people: u64,
    pub(crate) messages: u64,
    /// Whether each message says what the Identify calls of these people say, but for the click; one that has traits keeps
    /// its own.
    pub(crate) say_all: bool,
}

/// A person by number.
#[derive(Clone, Copy)]
pub(crate) struct Person(u64);

impl Person {
    pub(crate) fn user_id(self) -> impl fmt::Display {
        fmt::from_fn(move |f| write!(f, "user-{}", self.0))
    }

    pub(crate) fn anonymous_id(self) -> impl fmt::Display {
        fmt::from_fn(move |f| write!(f, "{:08x}-7c11-4f2a-9d3e-0123456789ab", self.0))
    }

    /// Members of a message's context.
    pub(crate) fn browser(self) -> impl fmt::Display {
        fmt::from_fn(move |f| write!(f, r#""fbp":"fb.1.1763990000000.{}""#, self.0))
    }

    /// The traits, as an object.
    pub(crate) fn traits(self) -> impl fmt::Display {
        fmt::from_fn(move |f| {
            let number = self.0;
            write!(
                f,
                "{{\"email\":\"person-{number}@mail.example\",\"phone\":\"+49 40 {number:08}\",\
                 \"firstName\":\"Ada\",\"lastName\":\"Number {number}\",\
                 \"address\":{{\"city\":\"Berlin\",\"postalCode\":\"{:05}\",\"country\":\"DE\"}}}}",
                number % 100_000,
            )
        })
    }
}

/// People come in an order that has nothing to do with their numbers, everybody once before anybody comes again.
const STEP: u64 = 1_000_000_007;
static NEXT: AtomicU64 = AtomicU64::new(0);

/// Begins with another person than the last run.
pub(crate) fn begin() {
    NEXT.store(fastrand::u64(..) >> 34, Ordering::Relaxed);
}

/// A message of a visit.
#[derive(Clone, Copy)]
pub(crate) struct Visit {
    pub(crate) person: Person,
    /// How many follow.
    left: u64,
}

impl Visit {
    /// Which of all messages it is, where each person has so many, one after the other.
    pub(crate) fn message(self, of_a_person: usize) -> usize {
        let of_a_person = of_a_person as u64;
        let number = self.person.0.wrapping_mul(of_a_person) + self.left % of_a_person;
        usize::try_from(number).unwrap_or(0)
    }
}

/// Those who visit at the same time over one connection.
pub(crate) struct Visitors {
    visits: Option<Visits>,
    /// Each with the messages that are left.
    now: Vec<(Person, u64)>,
}

impl Visitors {
    pub(crate) fn new(visits: Option<Visits>, count: usize) -> Self {
        let visitor = || (Person(0), 0);
        let now = std::iter::repeat_with(visitor).take(count).collect();
        Self { visits, now }
    }

    /// Who sends the next message in one of the places.
    pub(crate) fn next(&mut self, place: usize) -> Option<Visit> {
        let visits = self.visits?;
        let (person, left) = self.now.get_mut(place)?;
        if *left == 0 {
            let number = NEXT.fetch_add(1, Ordering::Relaxed).wrapping_mul(STEP);
            *person = Person(number % visits.people.max(1));
            *left = visits.messages;
        }
        *left = left.saturating_sub(1);
        Some(Visit {
            person: *person,
            left: *left,
        })
    }
}

/// Prints an Identify call of each person, which tells of a click, too.
pub(crate) fn print_identified(people: u64) -> io::Result<()> {
    let now = jiff::Timestamp::now();
    let mut out = BufWriter::new(io::stdout().lock());
    for number in 0..people {
        let person = Person(number);
        writeln!(
            out,
            "{{\"type\":\"identify\",\"messageId\":\"known-{number}\",\"userId\":\"{}\",\"anonymousId\":\"{}\",\
             \"timestamp\":\"{now}\",\"context\":{{{},\
             \"page\":{{\"url\":\"https://shop.example/?fbclid=IwAR{number:040}\"}}}},\"traits\":{}}}",
            person.user_id(),
            person.anonymous_id(),
            person.browser(),
            person.traits(),
        )?;
    }
    out.flush()
}
