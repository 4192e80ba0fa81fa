//! What can go wrong, and where.

use std::cell::RefCell;
use std::rc::Rc;

use wirefold::pipeline::port::PortError;

use crate::random::Random;

/// A boundary an instance passes *before* the effect it names: a crash there leaves it undone, and what came before it
/// done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Effect {
    Poll,
    Pause,
    Resume,
    Seek,
    Committed,
    Leave,
    OpenWriter,
    Begin,
    /// One record of a transaction.
    Append,
    /// The positions of a transaction.
    Positions,
    Commit,
    /// The commit has taken effect, the writer does not know it yet.
    Acknowledge,
    Range,
    OpenReader,
    ReadBatch,
    Trim,
}

/// Something that goes wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fault {
    /// The process is gone. Its open transaction and its place in the group stay until they time out or are taken over.
    Crash,
    /// The process stands still for so many milliseconds while the others go on; 0 only lets them in between.
    Pause(i64),
    /// The transaction is rolled back.
    Abort,
    /// The writer breaks. Before a commit and after it, that leaves its outcome unknown.
    FailWriter,
    /// A poll brings the record before, and each of its own twice.
    Repeat,
    /// A poll brings this many records at the most, however many there are.
    Short(usize),
}

impl Fault {
    /// Whether it can happen there; where not, a plan that says so says nothing.
    pub(crate) fn can_strike(self, effect: Effect) -> bool {
        use Effect::{Acknowledge, Append, Begin, Commit, OpenWriter, Poll, Positions};
        match self {
            Self::Crash | Self::Pause(_) => true,
            Self::Abort => matches!(effect, Append | Positions | Commit),
            Self::FailWriter => matches!(effect, OpenWriter | Begin | Append | Positions | Commit | Acknowledge),
            Self::Repeat | Self::Short(_) => matches!(effect, Poll),
        }
    }
}

/// How often each fault strikes, in a thousand boundaries where it can.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Odds {
    pub(crate) crash: u64,
    pub(crate) pause: u64,
    pub(crate) abort: u64,
    pub(crate) fail_writer: u64,
    pub(crate) repeat: u64,
    pub(crate) short: u64,
}

impl Odds {
    /// The longest random pause: past the session time-out and the time-out of transactions.
    const PAUSE_MAX: u64 = 15_000;

    fn draw(&self, random: &mut Random, effect: Effect) -> Option<Fault> {
        let pause = if random.below(2) == 0 { 0 } else { random.below(Self::PAUSE_MAX).cast_signed() };
        let short = Fault::Short(random.below(3) as usize);
        let mut roll = random.below(1_000);
        let odds = [
            (self.crash, Fault::Crash),
            (self.pause, Fault::Pause(pause)),
            (self.abort, Fault::Abort),
            (self.fail_writer, Fault::FailWriter),
            (self.repeat, Fault::Repeat),
            (self.short, short),
        ];
        for (odds, fault) in odds.into_iter().filter(|(_, fault)| fault.can_strike(effect)) {
            if roll < odds {
                return Some(fault);
            }
            roll -= odds;
        }
        None
    }
}

/// What goes wrong for one instance.
#[derive(Debug, Clone)]
pub(crate) enum Plan {
    /// Nothing.
    None,
    /// This, at the boundary of this number, counted from 0.
    At(usize, Fault),
    /// Anything, now and then.
    Random(Random, Odds),
}

impl Plan {
    /// Anything, now and then: equal seeds do the same to the same run.
    pub(crate) fn random(seed: u64, odds: Odds) -> Self {
        Self::Random(Random::new(seed), odds)
    }

    fn fault(&mut self, number: usize, effect: Effect) -> Option<Fault> {
        match self {
            Self::None => None,
            Self::At(at, fault) => (*at == number && fault.can_strike(effect)).then_some(*fault),
            Self::Random(random, odds) => odds.draw(random, effect),
        }
    }
}

/// The faults of one instance: all its consumers, writers and readers share them.
#[derive(Debug, Clone)]
pub(crate) struct Faults(Rc<RefCell<Inner>>);

#[derive(Debug)]
struct Inner {
    plan: Plan,
    effects: Vec<(Effect, Option<Fault>)>,
    crashed: bool,
}

impl Faults {
    pub(crate) fn new(plan: Plan) -> Self {
        Self(Rc::new(RefCell::new(Inner { plan, effects: Vec::new(), crashed: false })))
    }

    /// Passes a boundary: the fault that strikes there, or the end of an instance that has crashed.
    pub(crate) fn pass(&self, effect: Effect) -> Result<Option<Fault>, PortError> {
        let inner = &mut *self.0.borrow_mut();
        if inner.crashed {
            return Err(PortError::Fatal("crashed".to_owned()));
        }
        let number = inner.effects.len();
        let fault = inner.plan.fault(number, effect);
        inner.effects.push((effect, fault));
        if fault == Some(Fault::Crash) {
            inner.crashed = true;
            return Err(PortError::Fatal(format!("crashed at boundary {number}, before {effect:?}")));
        }
        Ok(fault)
    }

    /// Nothing goes wrong from here on.
    pub(crate) fn heal(&self) {
        self.0.borrow_mut().plan = Plan::None;
    }

    pub(crate) fn crashed(&self) -> bool {
        self.0.borrow().crashed
    }

    /// The boundaries passed so far, in order, and what struck there.
    pub(crate) fn effects(&self) -> Vec<(Effect, Option<Fault>)> {
        self.0.borrow().effects.clone()
    }
}
