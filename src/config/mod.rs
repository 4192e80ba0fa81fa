//! Settings: defaults, then a file, then the environment, then the command line.
//!
//! Settings have two forms. [`EffectiveSettings`] holds the texts: every layer is flattened to dotted keys and laid over
//! the one before it, and each value keeps its [`ValueOrigin`]. [`Config`] is what the program uses: parsed, checked and
//! complete. One pass turns the first into the second; it collects every problem, so that all of them are reported
//! before anything is connected.
//!
//! The defaults are a file of their own, `deploy/wirefold.toml`, which is also the reference of all settings.

mod effective;
mod load;
mod names;
mod print;
mod problem;
mod properties;
mod read;
mod reader;
mod settings;
#[cfg(test)]
mod tests;

pub use effective::{Argument, EffectiveSettings};
pub use load::Layers;
pub use names::{TopicNames, is_namespace};
pub use problem::{ConfigError, ConfigProblem, ValueOrigin};
pub use properties::{OWNED_PROPERTIES, Properties, owned_property, shown};
pub use read::cores;
pub use reader::duration as parse_duration;
pub use settings::{
    Config, DateOrderSetting, FIELDS, HttpSettings, InputSettings, KafkaSettings, LogFormat, LogSettings, MatchRule,
    MatchSettings, ServeSettings, TopicSettings, WindowSettings,
};
