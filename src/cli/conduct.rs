//! `--defect` and `--liberty`: which promises the reference provider breaks and which freedoms it takes.

use clap::Args;
use reference_server::{Conduct, Defect, Liberty};

use crate::scenario::nearest;

/// The options.
#[derive(Args, Default)]
pub struct Switches {
    /// Let the reference provider break this promise; may be given several times
    #[arg(long = "defect", value_name = "NAME", value_parser = defect)]
    defects: Vec<Defect>,
    /// Let the reference provider take this freedom; may be given several times
    #[arg(long = "liberty", value_name = "NAME", value_parser = liberty)]
    liberties: Vec<Liberty>,
}

impl Switches {
    /// What they say together.
    pub fn conduct(&self) -> Conduct {
        let broken = self.defects.iter().fold(Conduct::default(), |conduct, defect| conduct.with_defect(*defect));
        self.liberties.iter().fold(broken, |conduct, liberty| conduct.with_liberty(*liberty))
    }

    /// The options as they were given.
    pub fn words(&self) -> Vec<String> {
        let defects = self.defects.iter().map(|defect| format!("--defect {}", defect.name()));
        defects.chain(self.liberties.iter().map(|liberty| format!("--liberty {}", liberty.name()))).collect()
    }
}

/// Every name with its sentence.
pub fn table() -> String {
    let line = |(name, what): (&str, &str)| format!("  {name:<56} {what}\n");
    let defects: String = Defect::ALL.iter().map(|defect| line((defect.name(), defect.what()))).collect();
    let liberties: String = Liberty::ALL.iter().map(|liberty| line((liberty.name(), liberty.what()))).collect();
    format!("Defects (--defect NAME)\n{defects}\nLiberties (--liberty NAME)\n{liberties}")
}

fn defect(name: &str) -> Result<Defect, String> {
    Defect::find(name).ok_or_else(|| unknown(name, Defect::ALL.iter().map(|defect| defect.name())))
}

fn liberty(name: &str) -> Result<Liberty, String> {
    Liberty::find(name).ok_or_else(|| unknown(name, Liberty::ALL.iter().map(|liberty| liberty.name())))
}

fn unknown(name: &str, names: impl Iterator<Item = &'static str>) -> String {
    match nearest(name, names) {
        Some(near) => format!("did you mean `{near}`?"),
        None => "`grantcheck serve --list-conduct` shows every name".into(),
    }
}
