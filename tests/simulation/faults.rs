//! Faults, and the boundaries at which they are injected.

use std::cell::RefCell;
use std::rc::Rc;

use wirefold::stream::port::PortError;

use wirefold::evaluation::Random;

/// A boundary that an instance passes *before* the effect of this name: a crash there leaves this effect undone and all
/// earlier ones done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Effect {
    Poll,
    Pause,
    Resume,
    Seek,
    ReadCommitted,
    Leave,
    OpenWriter,
    Begin,
    /// One record of a transaction.
    Append,
    /// The offsets of a transaction.
    AddOffsets,
    Commit,
    /// The commit has taken effect, but the writer does not know it yet.
    Acknowledge,
    Range,
    OpenReader,
    ReadBatch,
    Trim,
}

/// A fault.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fault {
    /// The process ends. Its open transaction and its membership in the group remain until they time out or another
    /// process takes over.
    Crash,
    /// The process is paused for this many milliseconds while the others run; with 0 the others run, but no time passes.
    Pause(i64),
    /// The transaction is rolled back.
    Abort,
    /// The writer fails. Before or after a commit, its outcome is then unknown.
    FailWriter,
    /// A poll returns the record before its first one again, and each of its own twice.
    Repeat,
    /// A poll returns at most this many records.
    Short(usize),
}

impl Fault {
    /// Whether the fault can occur at this boundary; where it cannot, a plan for it has no effect.
    pub(crate) fn can_occur_at(self, effect: Effect) -> bool {
        use Effect::{Acknowledge, AddOffsets, Append, Begin, Commit, OpenWriter, Poll};
        match self {
            Self::Crash | Self::Pause(_) => true,
            Self::Abort => matches!(effect, Append | AddOffsets | Commit),
            Self::FailWriter => matches!(effect, OpenWriter | Begin | Append | AddOffsets | Commit | Acknowledge),
            Self::Repeat | Self::Short(_) => matches!(effect, Poll),
        }
    }
}

/// How often each fault occurs, per thousand boundaries where it can.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct FaultRates {
    pub(crate) crash: u64,
    pub(crate) pause: u64,
    pub(crate) abort: u64,
    pub(crate) fail_writer: u64,
    pub(crate) repeat: u64,
    pub(crate) short: u64,
}

impl FaultRates {
    /// The longest random pause: longer than the time-outs of sessions and transactions.
    const PAUSE_MAX: u64 = 15_000;

    fn draw(&self, random: &mut Random, effect: Effect) -> Option<Fault> {
        let pause = if random.below(2) == 0 { 0 } else { random.below(Self::PAUSE_MAX).cast_signed() };
        let short = Fault::Short(random.below(3) as usize);
        let mut roll = random.below(1_000);
        let rates = [
            (self.crash, Fault::Crash),
            (self.pause, Fault::Pause(pause)),
            (self.abort, Fault::Abort),
            (self.fail_writer, Fault::FailWriter),
            (self.repeat, Fault::Repeat),
            (self.short, short),
        ];
        for (rate, fault) in rates.into_iter().filter(|(_, fault)| fault.can_occur_at(effect)) {
            if roll < rate {
                return Some(fault);
            }
            roll -= rate;
        }
        None
    }
}

/// The faults that one instance meets.
#[derive(Debug, Clone)]
pub(crate) enum FaultPlan {
    /// None.
    None,
    /// This fault, at the boundary of this number, counted from 0.
    At(usize, Fault),
    /// Random faults at these rates.
    Random(Random, FaultRates),
}

impl FaultPlan {
    /// Random faults: equal seeds give equal faults in equal runs.
    pub(crate) fn random(seed: u64, rates: FaultRates) -> Self {
        Self::Random(Random::new(seed), rates)
    }

    fn fault(&mut self, number: usize, effect: Effect) -> Option<Fault> {
        match self {
            Self::None => None,
            Self::At(at, fault) => (*at == number && fault.can_occur_at(effect)).then_some(*fault),
            Self::Random(random, rates) => rates.draw(random, effect),
        }
    }
}

/// Injects the faults of one instance: all its consumers, writers and readers share it.
#[derive(Debug, Clone)]
pub(crate) struct FaultInjector(Rc<RefCell<InjectorState>>);

#[derive(Debug)]
struct InjectorState {
    plan: FaultPlan,
    effects: Vec<(Effect, Option<Fault>)>,
    has_crashed: bool,
}

impl FaultInjector {
    pub(crate) fn new(plan: FaultPlan) -> Self {
        Self(Rc::new(RefCell::new(InjectorState { plan, effects: Vec::new(), has_crashed: false })))
    }

    /// Passes a boundary and returns the fault that occurs there. Fails for an instance that crashes or has crashed.
    pub(crate) fn pass(&self, effect: Effect) -> Result<Option<Fault>, PortError> {
        let inner = &mut *self.0.borrow_mut();
        if inner.has_crashed {
            return Err(PortError::Fatal("crashed".to_owned()));
        }
        let number = inner.effects.len();
        let fault = inner.plan.fault(number, effect);
        inner.effects.push((effect, fault));
        if fault == Some(Fault::Crash) {
            inner.has_crashed = true;
            return Err(PortError::Fatal(format!("crashed at boundary {number}, before {effect:?}")));
        }
        Ok(fault)
    }

    /// Injects no more faults.
    pub(crate) fn stop_faults(&self) {
        self.0.borrow_mut().plan = FaultPlan::None;
    }

    pub(crate) fn has_crashed(&self) -> bool {
        self.0.borrow().has_crashed
    }

    /// The boundaries passed so far, in order, each with its fault.
    pub(crate) fn effects(&self) -> Vec<(Effect, Option<Fault>)> {
        self.0.borrow().effects.clone()
    }
}
