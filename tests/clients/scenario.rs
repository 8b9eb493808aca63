//! What happens between a client and Meta while the client sends.

use std::time::Duration;

use graph_sandbox::{Sandbox, Script};
use serde_json::{Value, json};

use crate::arrivals;
use crate::client::{Client, Sent, Tools};
use crate::fault_proxy::{Fault, FaultProxy, Upstream};
use crate::plan::{Plan, WRITE_KEY};
use crate::server::Server;

/// How long events may take from the client's last word to the sandbox.
const FOR_ARRIVALS: Duration = Duration::from_mins(2);

/// A story.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Scenario {
    /// Every kind of call, to a server with a sandbox of its own.
    EveryCall,
    /// Batches as large as the library makes them.
    LargeBatches,
    /// The first requests are answered 503 with `Retry-After`.
    Unavailable,
    /// The server itself answers 429 with `Retry-After` to clients that send faster than its limit.
    TooMany,
    /// The first requests reach the server, but the client gets no answer.
    AnswersLost,
    /// The server is stopped and started in the middle.
    Restart,
    /// The server is killed, and started again.
    Killed,
    /// Meta takes its time.
    SlowSandbox,
    /// The page and the endpoint share an address, as behind a proxy of one's own, and with it Meta's cookies.
    OwnDomain,
}

impl Scenario {
    const ALL: [Self; 9] = [
        Self::EveryCall,
        Self::LargeBatches,
        Self::Unavailable,
        Self::TooMany,
        Self::AnswersLost,
        Self::Restart,
        Self::Killed,
        Self::SlowSandbox,
        Self::OwnDomain,
    ];

    /// Those of a client.
    pub(crate) fn of(client: Client) -> impl Iterator<Item = Self> {
        let has_pages = client == Client::Browser;
        let all = Self::ALL.into_iter();
        all.filter(move |scenario| has_pages || *scenario != Self::OwnDomain)
    }

    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::EveryCall => "every_call",
            Self::LargeBatches => "large_batches",
            Self::Unavailable => "unavailable_503_retry_after",
            Self::TooMany => "too_many_429_retry_after",
            Self::AnswersLost => "answers_get_lost",
            Self::Restart => "restart_in_the_middle",
            Self::Killed => "killed_in_the_middle",
            Self::SlowSandbox => "slow_sandbox",
            Self::OwnDomain => "behind_the_page_s_own_domain",
        }
    }

    fn plan(self, client: Client) -> Plan {
        let single = client == Client::Browser;
        match self {
            Self::EveryCall => Plan::every_call(client),
            Self::LargeBatches => Plan::large_batches(client),
            Self::OwnDomain => Plan::from_own_domain(client),
            // A browser sends each event alone.
            _ if single => Plan::purchases(client, 24, 1),
            _ => Plan::purchases(client, 120, 10),
        }
    }

    const fn fault(self) -> Fault {
        match self {
            Self::EveryCall
            | Self::LargeBatches
            | Self::TooMany
            | Self::SlowSandbox
            | Self::OwnDomain => Fault::None,
            Self::Unavailable => Fault::Unavailable(2),
            Self::AnswersLost => Fault::AnswersLost(2),
            Self::Restart | Self::Killed => Fault::Restart(4),
        }
    }
}

/// Runs a scenario, checks what arrived, and returns a line that says what happened.
pub(crate) async fn run(client: Client, scenario: Scenario, tools: &Tools) -> String {
    let mut plan = scenario.plan(client);
    if scenario == Scenario::EveryCall {
        let server = Server::with_sandbox(WRITE_KEY).await;
        plan.host.clone_from(&server.ingest);
        let sandbox = server.sandbox.clone().expect("a sandbox");
        let sent = tools.carry_out(client, &plan, None).await;
        return check_arrivals(client, &plan, &sandbox, &sent).await;
    }
    let sandbox = Sandbox::builder().start().await.expect("a sandbox");
    if scenario == Scenario::SlowSandbox {
        let slow = Script::default().delay(Duration::from_millis(1_500));
        sandbox.set_script(slow).expect("a script");
    }
    let endpoint = match scenario {
        // A third of what is sent, or less.
        Scenario::TooMany if client == Client::Browser => rate(8),
        Scenario::TooMany => rate(40),
        _ => json!({}),
    };
    let server = Server::sending_to(sandbox.url(), endpoint).await;
    let proxy = FaultProxy::start(server.address(), scenario.fault()).await;
    plan.host = format!("http://{}", proxy.listening.address);
    let sending = tools.carry_out(client, &plan, Some(&proxy));
    let (sent, server) = match scenario {
        Scenario::Restart => tokio::join!(sending, restart(server, &proxy, false)),
        Scenario::Killed => tokio::join!(sending, restart(server, &proxy, true)),
        _ => (sending.await, server),
    };
    let account = check_arrivals(client, &plan, sandbox.url(), &sent).await;
    server.stop().await;
    // Nothing can come any more.
    let arrived = arrivals::count(&arrivals::all(sandbox.url()).await);
    assert_eq!(
        arrived.events - arrived.repeated,
        plan.tracks,
        "{arrived:?}"
    );
    // A server that is killed between sending an event and reading Meta's answer sends it again, with the same `event_id`.
    assert!(
        arrived.repeated == 0 || scenario == Scenario::Killed,
        "{arrived:?}"
    );
    let counts = proxy.counts();
    sandbox.shutdown().await;
    format!("{account}; {counts}")
}

/// A limit of this many messages a second, and as many at once.
fn rate(messages: u64) -> Value {
    json!({ "rate_per_second": messages, "rate_burst": messages, "retry_after_seconds": 1 })
}

/// Stops or kills the server while requests come, and starts it again once a request was dropped.
async fn restart(server: Server, proxy: &FaultProxy, kill: bool) -> Server {
    proxy.time_to_stop().await;
    let stopped = if kill {
        server.kill().await
    } else {
        server.stop().await
    };
    proxy.set_upstream(Upstream::Stopped);
    proxy.missed().await;
    let server = stopped.start().await;
    proxy.set_upstream(Upstream::Again(server.address()));
    server
}

/// Waits until everything that was sent has arrived, and checks it.
async fn check_arrivals(client: Client, plan: &Plan, sandbox: &str, sent: &Sent) -> String {
    assert!(
        sent.errors.is_empty(),
        "the library gave up {} times: {:?}",
        sent.errors.len(),
        sent.errors.first()
    );
    let wait = arrivals::wait_for(sandbox, plan.tracks);
    if tokio::time::timeout(FOR_ARRIVALS, wait).await.is_err() {
        let arrived = arrivals::count(&arrivals::all(sandbox).await);
        panic!("{arrived:?} of {}", plan.tracks);
    }
    let events = arrivals::all(sandbox).await;
    let arrived = arrivals::count(&events);
    arrivals::check(client, plan.tracks, &events, &sent.page);
    format!(
        "{} sent, {} arrived, {} of them twice",
        plan.tracks,
        arrived.events - arrived.repeated,
        arrived.repeated
    )
}
