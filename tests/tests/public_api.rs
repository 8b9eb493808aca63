//! What programs that embed the crates may rely on: what they share between threads can be shared, every error is an error that
//! can be passed on, and everything can be printed for debugging.

use std::error::Error;
use std::fmt::Debug;

fn shared<T: Send + Sync + Debug + 'static>() {}
fn error<T: Error + Send + Sync + 'static>() {}

#[test]
fn what_programs_hold_can_be_shared_between_threads() {
    shared::<facebook_conversions::ServerEvent<'static>>();
    shared::<facebook_conversions::HashedValue>();
    shared::<facebook_conversions::reply::GraphError>();
    shared::<conversions_mapping::Mapping>();
    shared::<conversions_mapping::Settings>();
    shared::<conversions_transport::EventsRequest>();
    shared::<conversions_transport::Frame>();
    shared::<conversions_transport::NewEvent>();
    shared::<conversions_transport::GraphTransport>();
    shared::<conversions_transport::RecordingTransport>();
    shared::<conversions_transport::DryRunTransport>();
    shared::<conversions_delivery::Engine>();
    shared::<conversions_delivery::MemoryLog>();
    shared::<conversions_disk_log::DiskLog>();
    shared::<conversions_disk_log::DeadLetters>();
    shared::<conversions_ingest::Ingest>();
    shared::<conversions_ingest::IngestOptions>();
    shared::<conversions_input::MemoryInput>();
    shared::<conversions_input::Record>();
    shared::<graph_sandbox::GraphEdge>();
    shared::<graph_sandbox::Script>();
    shared::<match_memory::Memory>();
    shared::<segue_settings::Settings>();
}

#[test]
fn errors_can_be_passed_on() {
    error::<segment_spec::ReadError>();
    error::<conversions_mapping::SettingsError>();
    error::<conversions_transport::SendError>();
    error::<conversions_transport::SetupError>();
    error::<conversions_transport::CredentialError>();
    error::<conversions_delivery::AppendError>();
    error::<conversions_delivery::LogError>();
    error::<conversions_disk_log::OpenError>();
    error::<conversions_ingest::OptionsError>();
    error::<conversions_ingest::SinkError>();
    error::<conversions_ingest::TlsError>();
    error::<conversions_input::InputError>();
    error::<graph_sandbox::ScriptError>();
    error::<match_memory::OpenError>();
    error::<match_memory::ForgetError>();
}
