//! What librdkafka says, as sentences with what to do.

use rdkafka::error::{KafkaError, RDKafkaErrorCode as Code};

use crate::error::InputError;
use crate::kafka::options::KafkaInputOptions;

/// The error of a client that cannot be made. The value of an option is not shown: it may be a password.
pub(crate) fn setup(error: &KafkaError) -> InputError {
    let reason = match error {
        KafkaError::ClientConfig(_, what, key, _) => {
            format!("the Kafka client does not take the option {key}: {what}")
        }
        error => {
            format!("the Kafka client cannot be made: {error}; check the paths of certificates")
        }
    };
    InputError::Options { reason }
}

/// What is wrong while the member reads.
pub(crate) fn reading(error: &KafkaError, group: &str) -> InputError {
    let Some(code) = error.rdkafka_error_code() else {
        return InputError::Unavailable {
            reason: error.to_string(),
        };
    };
    if let KafkaError::MessageConsumptionFatal(_) = error {
        return InputError::Fatal {
            reason: format!("the Kafka client gave up: {code}; start again"),
        };
    }
    match code {
        Code::Authentication | Code::SaslAuthenticationFailed => access(
            "it does not take user and password; check them and the mechanism",
        ),
        Code::TopicAuthorizationFailed => {
            access("the user may not read the topics; allow Read and Describe on them")
        }
        Code::GroupAuthorizationFailed => InputError::Access {
            reason: format!("the user may not join the group {group}; allow Read on it"),
        },
        Code::UnknownTopic | Code::UnknownTopicOrPartition | Code::UnknownPartition => {
            InputError::Source {
                what: "a topic".to_owned(),
                reason: "the broker does not have it any more; make it again, or take it out of the settings".to_owned(),
            }
        }
        Code::SSL => InputError::Unavailable {
            reason: "TLS failed; check that the brokers speak it, and the certificates to trust".to_owned(),
        },
        code => InputError::Unavailable {
            reason: format!("{code}"),
        },
    }
}

fn access(reason: &str) -> InputError {
    InputError::Access {
        reason: reason.to_owned(),
    }
}

/// Nobody has answered when the input was opened. `seen` is what the client reported meanwhile.
pub(crate) fn connecting(
    error: &KafkaError,
    seen: Option<InputError>,
    options: &KafkaInputOptions,
) -> InputError {
    match seen {
        Some(access @ InputError::Access { .. }) => access,
        Some(InputError::Unavailable { reason }) => connect(options, &reason),
        _ => connect(options, &error.to_string()),
    }
}

fn connect(options: &KafkaInputOptions, reason: &str) -> InputError {
    InputError::Connect {
        brokers: options.brokers.join(", "),
        reason: format!(
            "{reason}; check the addresses, and whether the brokers ask for TLS or a password"
        ),
    }
}

/// A rejected record was not confirmed.
pub(crate) fn rejecting(error: &KafkaError, topic: &str) -> InputError {
    let reason = match error.rdkafka_error_code() {
        Some(Code::UnknownTopic | Code::UnknownTopicOrPartition) => {
            "the topic does not exist; make it, or let the broker make topics".to_owned()
        }
        Some(Code::TopicAuthorizationFailed) => {
            "the user may not write to it; allow Write and Describe on the topic".to_owned()
        }
        Some(Code::MessageTimedOut) => "the broker does not confirm in time".to_owned(),
        Some(code) => code.to_string(),
        None => error.to_string(),
    };
    InputError::Reject {
        place: topic.to_owned(),
        reason,
    }
}

pub(crate) fn is_too_large(error: &KafkaError) -> bool {
    error.rdkafka_error_code() == Some(Code::MessageSizeTooLarge)
}
