//! The recipes by which a recogniser learns from lyrics alone, beside each other.

use std::path::PathBuf;
use std::time::Instant;

use anyhow::{Context, Result};
use clap::Args;

use super::edits::edits;
use super::train_recogniser::read_all;
use ziyin_cli::{answer, tell};
use ziyin_training::{PathRecipe, PathUnits, draw_curves, train_by_path};

/// Try recipes by which a recogniser learns from lyrics without being told when anything is sung
#[derive(Args, Debug)]
pub struct Arguments {
    /// Folder of a corpus that says where each character lies; may be given any number of times.
    #[arg(long, required = true, value_name = "FOLDER")]
    corpus: Vec<PathBuf>,
    /// Most minutes that are taken of each corpus.
    #[arg(long, default_value_t = 15.0)]
    minutes: f64,
    /// Width of the network.
    #[arg(long, default_value_t = 96)]
    channels: usize,
    #[arg(long, default_value_t = 40)]
    epochs: usize,
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Try only those whose names begin so; may be given any number of times.
    #[arg(long, value_name = "NAME")]
    recipe: Vec<String>,
    /// The picture to draw: a curve for each recipe, in their order, labels wrong by epoch.
    #[arg(long, default_value = "recipes.png")]
    picture: PathBuf,
}

/// Prints for each recipe how far it comes.
///
/// # Errors
/// If a corpus cannot be read, or the picture not be written.
pub fn run(args: &Arguments) -> Result<()> {
    let (learned, kept_back) = read_all(&args.corpus, &[], args.minutes, &std::env::temp_dir())?;
    let usual = PathRecipe {
        units: PathUnits::Letters,
        channels: args.channels,
        batch: 8,
        rate: 2e-3,
        most_epochs: args.epochs,
        ends: 5,
        blank_cost: 0.0,
        seed: args.seed,
    };
    let recipes = [
        ("letters, batch 8, rate 0.002, both ends for 5 epochs", usual),
        ("batch 37", PathRecipe { batch: 37, ..usual }),
        ("batch 512", PathRecipe { batch: 512, ..usual }),
        ("rate 0.01", PathRecipe { rate: 1e-2, ..usual }),
        ("rate 0.01, batch 37", PathRecipe { rate: 1e-2, batch: 37, ..usual }),
        ("no ends", PathRecipe { ends: 0, ..usual }),
        ("both ends always", PathRecipe { ends: usize::MAX, ..usual }),
        ("blank pushed down, 0.1", PathRecipe { blank_cost: 0.1, ..usual }),
        ("blank pushed down, 0.5", PathRecipe { blank_cost: 0.5, ..usual }),
        ("sounds", PathRecipe { units: PathUnits::Sounds, ..usual }),
        ("syllables", PathRecipe { units: PathUnits::Syllables, ..usual }),
    ];
    answer!("{:54} {:>6} {:>8} {:>14} {:>8}", "", "epochs", "loss", "labels wrong", "seconds")?;
    let mut curves: Vec<(&str, Vec<f32>)> = Vec::new();
    let asked =
        |name: &str| args.recipe.is_empty() || args.recipe.iter().any(|asked| name.starts_with(asked));
    for (name, recipe) in recipes.into_iter().filter(|(name, _)| asked(name)) {
        let (began, mut losses, mut wrong) = (Instant::now(), Vec::new(), Vec::new());
        let learns = train_by_path(&recipe, &learned, &kept_back, &mut |_, found| {
            let off: usize = found.lines.iter().map(|(said, heard)| edits(said, heard)).sum();
            let all: usize = found.lines.iter().map(|(said, _)| said.len()).sum();
            losses.push(found.loss);
            wrong.push(off as f32 / all.max(1) as f32);
        });
        if let Err(error) = learns {
            tell!("{name}: {error:#}");
        }
        answer!(
            "{name:54} {:6} {:8.3} {:12.1} % {:8.0}",
            wrong.len(),
            losses.last().copied().unwrap_or(f32::NAN),
            100.0 * wrong.last().copied().unwrap_or(f32::NAN),
            began.elapsed().as_secs_f64()
        )?;
        curves.push((name, wrong));
    }
    draw_curves(&args.picture, &curves).with_context(|| format!("cannot draw {}", args.picture.display()))
}
