//! What a replay reads besides raw articles in the order of their topics.

use super::spill;
use crate::article::Gaps;
use crate::record::{Millis, Signature};
use crate::stream::port::{ConsumerRecord, PortError};
use crate::stream::{Built, BuiltRecord, RawArticles, SignatureInput, decode, is_warmup};

/// Raw articles in another order than that of their topics, as records that were spilled.
#[derive(Debug)]
pub(super) struct SpilledArticles(pub(super) RawArticles);

impl SignatureInput for SpilledArticles {
    fn read(&self, record: &ConsumerRecord, now: Millis) -> Result<BuiltRecord, PortError> {
        let raw = spill::decode(record.value.as_deref().unwrap_or_default())?;
        let built = self.0.build(&raw, now);
        Ok(BuiltRecord { raw: Some(raw), ..built.into() })
    }
}

/// Signatures of another log, which are copied.
#[derive(Debug)]
pub(super) struct ExistingSignatures;

impl SignatureInput for ExistingSignatures {
    fn read(&self, record: &ConsumerRecord, _now: Millis) -> Result<BuiltRecord, PortError> {
        let bytes = record.value.as_deref().unwrap_or_default();
        decode::<Signature>(record, bytes)?;
        let built = Built::Signature { bytes: bytes.to_vec(), is_sampled: false, gaps: Gaps::default() };
        Ok(BuiltRecord { is_warmup: is_warmup(record), ..built.into() })
    }
}
