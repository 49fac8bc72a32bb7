//! A tempo or a time signature from some bar on.

use egui::{ComboBox, Context, DragValue, Grid, Ui};
use rust_i18n::t;

use super::frame::{Step, buttons, frame};
use crate::names::beats_name;
use ziyin_score::{MAX_TICK, MeterMap, Project, Tempo, Tick, TimeSignature};
use ziyin_session::editor::{ChangeKind, SongChange};

/// The slowest and the fastest tempo that the studio offers, in quarters a minute. A MIDI
/// file may bring others.
pub const TEMPI: std::ops::RangeInclusive<f64> = 20.0..=400.0;
/// The notes that a beat can be.
const UNITS: [u8; 7] = [1, 2, 4, 8, 16, 32, 64];

/// The dialog.
pub struct ChangeDialog {
    kind: ChangeKind,
    /// The change that is edited; `None` for a new one.
    old: Option<Tick>,
    bar: i64,
    /// From 1; a time signature always begins a bar.
    beat: i64,
    bpm: f64,
    signature: TimeSignature,
    /// Beats before bar 1, at the start of the song.
    pickup: u8,
}

/// What the dialog asks for.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Asked {
    Nothing,
    Close,
    Set {
        old: Option<Tick>,
        tick: Tick,
        change: SongChange,
    },
    /// The time signature that the song begins with, and how many of its beats stand before bar 1.
    Begin {
        signature: TimeSignature,
        pickup: u8,
    },
    Remove {
        tick: Tick,
    },
}

impl ChangeDialog {
    /// For what changes at a tick, or is to change there.
    pub fn new(project: &Project, kind: ChangeKind, tick: Tick) -> Self {
        let old = kind.ticks(project).contains(&tick).then_some(tick);
        let at = project.meter.bar_beat(tick);
        Self {
            kind,
            old,
            bar: at.bar,
            beat: if kind == ChangeKind::Tempo { at.beat } else { 1 },
            bpm: (project.tempo.tempo_at(tick).bpm() * 1000.0).round() / 1000.0,
            signature: project.meter.at(tick),
            pickup: (project.meter.pickup() / project.meter.at(0).beat()) as u8,
        }
    }

    pub fn kind(&self) -> ChangeKind {
        self.kind
    }

    /// Shows the dialog over a song of that meter.
    pub fn show(&mut self, ctx: &Context, meter: &MeterMap) -> Asked {
        let title = match self.kind {
            ChangeKind::Tempo => t!("change.tempo"),
            ChangeKind::Meter => t!("change.meter"),
        };
        let (asked, escaped) =
            frame(ctx, "song-change", title.into_owned(), 340.0, |ui| self.content(ui, meter));
        if escaped { Asked::Close } else { asked }
    }

    fn content(&mut self, ui: &mut Ui, meter: &MeterMap) -> Asked {
        let first = self.old == Some(0);
        Grid::new("song-change").num_columns(2).spacing([18.0, 10.0]).show(ui, |ui| {
            ui.label(t!("change.from"));
            // The song needs one at its start: that one stays.
            ui.add_enabled_ui(!first, |ui| {
                ui.horizontal(|ui| {
                    let bar =
                        DragValue::new(&mut self.bar).range(meter.first_bar()..=last_bar(meter)).speed(0.1);
                    ui.name_inputs(t!("change.bar"), |ui| {
                        ui.add(bar.prefix(format!("{} ", t!("change.bar"))))
                    });
                    if self.kind == ChangeKind::Tempo {
                        let beats = i64::from(meter.at(meter.bar_start(self.bar)).beats);
                        let beat = DragValue::new(&mut self.beat).range(1..=beats).speed(0.05);
                        let beat = beat.prefix(format!("{} ", t!("change.beat")));
                        ui.name_inputs(t!("change.beat"), |ui| ui.add(beat));
                    }
                });
            });
            ui.end_row();
            match self.kind {
                ChangeKind::Tempo => {
                    ui.label(t!("change.bpm"));
                    let value = DragValue::new(&mut self.bpm).range(TEMPI).speed(0.25).prefix("♩= ");
                    ui.add(value).accessible_name(t!("change.bpm"));
                }
                ChangeKind::Meter => {
                    ui.label(t!("change.signature"));
                    ui.horizontal(|ui| {
                        let beats = DragValue::new(&mut self.signature.beats).range(1..=64).speed(0.05);
                        ui.name_inputs(t!("change.beats"), |ui| ui.add(beats));
                        ui.label("/");
                        ui.name_inputs(t!("change.unit"), |ui| {
                            let unit = &mut self.signature.unit;
                            ComboBox::from_id_salt("unit")
                                .width(56.0)
                                .selected_text(unit.to_string())
                                .show_ui(ui, |ui| {
                                    for choice in UNITS {
                                        ui.selectable_value(unit, choice, choice.to_string());
                                    }
                                })
                        });
                    });
                }
            }
            ui.end_row();
            if first && self.kind == ChangeKind::Meter {
                ui.label(t!("change.pickup"));
                let most = self.signature.beats.saturating_sub(1);
                let unit = beats_name(self.pickup.into());
                let beats = DragValue::new(&mut self.pickup).range(0..=most).speed(0.05);
                let beats = beats.suffix(format!(" {unit}"));
                ui.add(beats).accessible_name(t!("change.pickup")).on_hover_text(t!("change.pickup-why"));
                ui.end_row();
            }
        });
        let mut asked = Asked::Nothing;
        if let Some(tick) = self.old.filter(|&tick| tick > 0) {
            ui.add_space(6.0);
            if ui.button(t!("ruler.remove")).clicked() {
                asked = Asked::Remove { tick };
            }
        }
        let change = match self.kind {
            ChangeKind::Tempo => Tempo::from_bpm(self.bpm).map(SongChange::Tempo),
            ChangeKind::Meter => Some(SongChange::Meter(self.signature)),
        };
        let confirm = if self.old.is_some() { t!("change.set") } else { t!("change.insert") };
        match (buttons(ui, &confirm, change.is_some()), change) {
            (Step::Confirmed, Some(SongChange::Meter(signature))) if first => {
                Asked::Begin { signature, pickup: self.pickup }
            }
            (Step::Confirmed, Some(change)) => {
                Asked::Set { old: self.old, tick: if first { 0 } else { self.tick(meter) }, change }
            }
            (Step::Cancelled, _) => Asked::Close,
            _ => asked,
        }
    }

    /// The tick that bar and beat say; a change that was not moved stays to the tick.
    fn tick(&self, meter: &MeterMap) -> Tick {
        if let Some(old) = self.old {
            let at = meter.bar_beat(old);
            if (at.bar, at.beat) == (self.bar, self.beat) {
                return old;
            }
        }
        let start = meter.bar_start(self.bar);
        (start + (self.beat - 1) * meter.at(start).beat()).min(MAX_TICK)
    }
}

/// The last bar that a song can have.
fn last_bar(meter: &MeterMap) -> i64 {
    meter.bar_beat(MAX_TICK).bar
}
