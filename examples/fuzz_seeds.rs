//! Writes the seeds of the fuzz targets: `cargo run --example fuzz_seeds -- FOLDER`, one folder below it a target.
//! `fuzz/seed` calls it and keeps what brings new coverage.

use std::path::Path;

fn main() -> std::io::Result<()> {
    let folder = std::env::args().nth(1).unwrap_or_else(|| "seeds".into());
    let mut seeds = grantcheck::fuzzing::seeds();
    for entry in std::fs::read_dir("targets")?.flatten().filter(|entry| entry.path().extension().is_some()) {
        seeds.insert(("target_file", std::fs::read(entry.path())?));
    }
    for (index, (target, bytes)) in seeds.into_iter().enumerate() {
        let below = Path::new(&folder).join(target);
        std::fs::create_dir_all(&below)?;
        std::fs::write(below.join(format!("{index:05}")), bytes)?;
    }
    Ok(())
}
