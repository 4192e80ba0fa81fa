//! The two stages of the service: [`SignatureStage`] and [`StoryStage`], named after what they write.
//!
//! They know no Kafka (see [`port`]), no metrics (see [`event`]), and start no threads: the caller calls `step` until it is
//! time to stop.

mod clock;
mod dead_letter;
pub mod event;
pub mod failpoint;
mod header;
mod lag;
pub mod port;
mod restore;
mod signature_input;
mod signature_stage;
mod story_stage;

pub use clock::{Clock, SystemClock};
pub use dead_letter::{dead_letter, rejected_at};
pub use restore::CommitMetadata;
pub use signature_input::{Built, BuiltRecord, RawArticles, SignatureInput};
pub use signature_stage::{SignatureStage, SignatureStageSettings, Step};
pub use story_stage::{StoryStage, StoryStageSettings, public_record};

pub(crate) use header::is_warmup;
pub(crate) use restore::decode;
