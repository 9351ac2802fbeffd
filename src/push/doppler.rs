//! `doppler:PROJECT/CONFIG`, by `doppler`, with its output of the value turned off.

use super::{Ask, Given, Help, Plan, Platform, Proof, words};
use crate::error::Result;
use crate::system::process::call::{Call, Input};

const PROGRAM: &str = "doppler";

struct Config {
    project: String,
    config: String,
    variable: String,
}

pub(super) fn parse(rest: &str, given: &Given<'_>) -> Result<Box<dyn Platform>, String> {
    let parts = rest.split_once('/');
    let Some((project, config)) =
        parts.filter(|(p, c)| words::is_plain(p, "-_") && words::is_plain(c, "-_."))
    else {
        return Err("a project and a config are letters, digits, `-` and `_`".to_owned());
    };
    Ok(Box::new(Config {
        project: project.to_owned(),
        config: config.to_owned(),
        variable: given.variable.to_owned(),
    }))
}

impl Platform for Config {
    fn program(&self) -> &str {
        PROGRAM
    }

    fn help(&self) -> Help {
        Help::of("doppler me", "https://docs.doppler.com/docs/cli")
    }

    fn plan(&self, _: Ask<'_>) -> Result<Plan> {
        let place = [format!("--project={}", self.project), format!("--config={}", self.config)];
        let call = |words: &[&str]| {
            let words = words.iter().copied().chain(place.iter().map(String::as_str));
            Call::of(PROGRAM, &words.collect::<Vec<_>>())
        };
        let put = call(&["secrets", "set", &self.variable, "--no-interactive", "--silent"]);
        let read = call(&["secrets", "get", &self.variable, "--plain", "--raw"]);
        let target = format!("doppler:{}/{}", self.project, self.config);
        Ok(Plan::of(target, put.reading(Input::Key), Proof::ReadBack(read, words::plain)))
    }
}
