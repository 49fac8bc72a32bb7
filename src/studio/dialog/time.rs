//! Time that is put into the song or taken out of it.

use egui::{Context, DragValue, Grid, Ui};
use rust_i18n::t;

use super::frame::{Step, buttons, frame};
use ziyin_score::{MAX_TICK, MeterMap, Tick};
use ziyin_session::editor::TimeChange;

/// The dialog.
pub struct TimeDialog {
    change: TimeChange,
    /// Where the time begins, as it was found: it stays to the tick until it is moved.
    begin: Tick,
    /// From 1.
    bar: i64,
    /// From 1.
    beat: i64,
    /// How much time it is: whole bars, beats, and what a stretch beside the grid has beyond them.
    bars: i64,
    beats: i64,
    ticks: Tick,
}

/// The most bars that are put in or taken out at once.
const MOST_BARS: i64 = 9_999;

impl TimeDialog {
    /// For the time from one tick up to another.
    pub fn new(meter: &MeterMap, change: TimeChange, (from, to): (Tick, Tick)) -> Self {
        let at = meter.bar_beat(from);
        let signature = meter.at(from);
        let length = (to - from).max(1);
        let within = length % signature.bar();
        Self {
            change,
            begin: from,
            bar: at.bar,
            beat: at.beat,
            bars: (length / signature.bar()).min(MOST_BARS),
            beats: within / signature.beat(),
            ticks: within % signature.beat(),
        }
    }

    pub fn change(&self) -> TimeChange {
        self.change
    }

    /// Shows the dialog over a song of that meter. Gives where the time begins and how long it is.
    pub fn show(&mut self, ctx: &Context, meter: &MeterMap) -> (Step, (Tick, Tick)) {
        let title = match self.change {
            TimeChange::Insert => t!("time.insert"),
            TimeChange::Delete => t!("time.delete"),
        };
        let (step, escaped) = frame(ctx, "time", title.into_owned(), 340.0, |ui| self.content(ui, meter));
        let step = if escaped { Step::Cancelled } else { step };
        (step, self.span(meter))
    }

    fn content(&mut self, ui: &mut Ui, meter: &MeterMap) -> Step {
        Grid::new("time").num_columns(2).spacing([18.0, 10.0]).show(ui, |ui| {
            ui.label(t!("change.from"));
            ui.horizontal(|ui| {
                let last = meter.bar_beat(MAX_TICK).bar;
                whole(ui, &mut self.bar, meter.first_bar()..=last, "change.bar");
                let beats = i64::from(meter.at(meter.bar_start(self.bar)).beats);
                whole(ui, &mut self.beat, 1..=beats, "change.beat");
            });
            ui.end_row();
            ui.label(t!("time.length"));
            ui.horizontal(|ui| {
                whole(ui, &mut self.bars, 0..=MOST_BARS, "time.bars");
                whole(ui, &mut self.beats, 0..=127, "time.beats");
                if self.ticks > 0 {
                    whole(ui, &mut self.ticks, 0..=MAX_TICK, "time.ticks");
                }
            });
            ui.end_row();
        });
        ui.add_space(4.0);
        ui.weak(match self.change {
            TimeChange::Insert => t!("time.insert-hint"),
            TimeChange::Delete => t!("time.delete-hint"),
        });
        let confirm = match self.change {
            TimeChange::Insert => t!("change.insert"),
            TimeChange::Delete => t!("time.confirm-delete"),
        };
        let (_, length) = self.span(meter);
        buttons(ui, &confirm, length > 0)
    }

    /// Where the time begins and how long it is, in ticks.
    fn span(&self, meter: &MeterMap) -> (Tick, Tick) {
        let at = meter.bar_beat(self.begin);
        let from = if (at.bar, at.beat) == (self.bar, self.beat) {
            self.begin
        } else {
            let bar = meter.bar_start(self.bar);
            bar + (self.beat - 1) * meter.at(bar).beat()
        };
        let from = from.min(MAX_TICK);
        let signature = meter.at(from);
        let length = self.bars * signature.bar() + self.beats * signature.beat() + self.ticks;
        (from, length.min(MAX_TICK))
    }
}

/// A field for a whole number, with its name before it.
fn whole(ui: &mut Ui, value: &mut i64, range: std::ops::RangeInclusive<i64>, key: &str) {
    let name = t!(key);
    let field = DragValue::new(value).range(range).speed(0.1).prefix(format!("{name} "));
    ui.name_inputs(name, |ui| ui.add(field));
}
