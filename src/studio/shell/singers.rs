//! The dialog of all singers, and what follows from it.

use egui::Context;
use rust_i18n::t;

use super::studio::Studio;
use crate::action::Action;
use crate::dialog::Dialog;
use crate::dialog::chooser::Purpose;
use crate::dialog::singers::{Asked, House, SingersDialog};
use ziyin_message::Message;
use ziyin_score::{Command, TrackCommand};
use ziyin_session::engine::VoiceStatus;
use ziyin_session::singer_files::SingerChange;

impl Studio {
    /// Opens the dialog on the singer of the active track.
    pub(super) fn open_singers(&mut self) {
        let mut dialog = SingersDialog::default();
        let named = self.session.editor.active().and_then(|track| track.singer.as_deref());
        if let Some(singer) = self.session.singer(named) {
            dialog.choose(&singer.name);
        }
        self.dialog = Some(Dialog::AllSingers(Box::new(dialog)));
    }

    /// Opens it again after something that was done from it.
    pub(super) fn back_to_singers(&mut self) {
        if let Some(dialog) = self.waiting_singers.take() {
            self.dialog = Some(Dialog::AllSingers(dialog));
        }
    }

    pub(super) fn show_singers(&mut self, ctx: &Context, mut dialog: Box<SingersDialog>) {
        let engine = &self.session.engine;
        let loaded: &[String] = match engine.voice_status() {
            VoiceStatus::Ready { singers, .. } => singers,
            VoiceStatus::Loading | VoiceStatus::Failed(_) => &[],
        };
        let tracks = &self.session.editor.project().tracks;
        let usual = self.session.singers.first().map(|singer| singer.name.as_str());
        let sung_by = |name: &str| {
            let sings = |singer: Option<&str>| singer.is_some_and(|own| own.eq_ignore_ascii_case(name));
            let theirs = tracks
                .iter()
                .filter(|track| sings(track.singer.as_deref().or(usual)) || sings(track.second.as_deref()));
            theirs.map(|track| track.name.clone()).collect::<Vec<String>>()
        };
        let house = House {
            singers: &self.session.singers,
            deleted: &self.session.deleted_singers,
            is_loaded: &|name| loaded.iter().any(|own| own.eq_ignore_ascii_case(name)),
            auditioned: engine.auditioned(),
            tracks: &sung_by,
        };
        let asked = dialog.show(ctx, &house);
        match asked {
            Asked::Close => {
                self.session.engine.end_audition();
                return;
            }
            Asked::Install => {
                self.waiting_singers = Some(dialog);
                self.choose(Purpose::Singer);
                return;
            }
            Asked::Clone => {
                self.session.engine.end_audition();
                self.perform(ctx, Action::CloneSinger, None);
                self.waiting_singers = Some(dialog);
                return;
            }
            Asked::Nothing => {}
            Asked::Hear { name, language, range } => self.session.engine.audition(&name, language, range),
            Asked::Stop => self.session.engine.end_audition(),
            Asked::Show(file) => {
                if let Some(folder) = file.parent() {
                    self.open_folder(folder.to_path_buf());
                }
            }
            Asked::Mix { name, shares } => {
                self.session.change_singers(move |folder| folder.mix(&name, &shares));
            }
            Asked::Rename { file, name } => {
                self.session.change_singers(move |folder| folder.rename(&file, &name));
            }
            Asked::Delete(file) => {
                self.session.engine.end_audition();
                self.session.change_singers(move |folder| folder.delete(&file));
            }
            Asked::BringBack(file) => {
                self.session.change_singers(move |folder| folder.bring_back(&file));
            }
        }
        self.dialog = Some(Dialog::AllSingers(dialog));
    }

    /// Tells what became of singers.
    pub(super) fn take_singer_change(&mut self, changed: Result<SingerChange, Message>) {
        let (told, chosen) = match &changed {
            Ok(SingerChange::Installed { names, refused }) => {
                refused.iter().for_each(|why| tracing::warn!("a singer was not installed: {why}"));
                let told = match refused.first() {
                    Some(why) => t!(
                        "notice.installed-without",
                        name = names.join(", "),
                        count = refused.len(),
                        why = why.said()
                    ),
                    None => t!("notice.installed", name = names.join(", ")),
                };
                (told, names.first())
            }
            Ok(SingerChange::Mixed(name) | SingerChange::BroughtBack(name)) => {
                (t!("notice.installed", name = name), Some(name))
            }
            Ok(SingerChange::Renamed { from, to }) => {
                self.follow_name(from, to);
                (t!("notice.renamed", from = from, to = to), Some(to))
            }
            Ok(SingerChange::Deleted(name)) => (t!("notice.singer-deleted", name = name), None),
            Err(why) => {
                let why = t!("notice.not-changed", why = why.said()).into_owned();
                match &mut self.dialog {
                    Some(Dialog::AllSingers(dialog)) => dialog.complain(why),
                    _ => self.complain(why),
                }
                return;
            }
        };
        self.tell(told);
        if let (Some(Dialog::AllSingers(dialog)), Some(name)) = (&mut self.dialog, chosen) {
            dialog.choose(name);
        }
    }

    /// Lets the tracks of somebody who was renamed go along.
    fn follow_name(&mut self, from: &str, to: &str) {
        let tracks = self.session.editor.project().tracks.iter();
        let all = tracks.flat_map(|track| TrackCommand::replacing_singer(track, from, to));
        let all: Vec<Command> = all.map(Command::Track).collect();
        if !all.is_empty() {
            let done = self.session.editor.perform("choose-singer", Command::All(all));
            self.done(done);
        }
    }
}
