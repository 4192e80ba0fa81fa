//! A replay takes the place of a service: from the offsets at which that one stopped, without a gap and without a double.
//!
//! In steps, each of which can be repeated: the old namespace is retired and the handover fixed ([`Promotion::begin`]), the
//! replay reads up to the handover ([`Promotion::run`]), its groups get the offsets at which they continue as a service, and
//! its results go to the public topics ([`Promotion::finish`]).

mod begin;
mod checks;
mod copier;
mod handover;
mod publish;
mod reconciler;
mod request;

pub use begin::Promotion;
pub use publish::PromotionCounts;
pub use request::PromotionRequest;
