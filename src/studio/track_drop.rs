//! A track that is dragged to another place among the others, in the list of tracks and in the arrangement: before
//! or behind another, into a folder or out of it.

use egui::{DragAndDrop, Rect, Response, Stroke, Ui};

use super::edits::Edits;
use super::widgets::theme;
use ziyin_score::TrackId;
use ziyin_session::editor::Row;

/// The track that is being dragged.
struct Dragged(TrackId);

/// Lets a drag of what stands for a track take the track along.
pub fn hold(response: &Response, track: TrackId) {
    response.dnd_set_drag_payload(Dragged(track));
}

/// Shows where a track that is dragged over a row would come to lie, and lays it there once it is let go of: over
/// the upper half of a row before it, else behind it. What lies in a folder leads into that, and so does the lower
/// half of the row of the folder.
pub fn receive(ui: &Ui, (rect, clip): (Rect, Rect), row: &Row, edits: &mut Edits) {
    let Some(dragged) = DragAndDrop::payload::<Dragged>(ui.ctx()) else { return };
    let seen = rect.intersect(clip);
    let Some(at) = ui.input(|i| i.pointer.latest_pos()).filter(|&at| seen.contains(at)) else { return };
    let behind = at.y > rect.center().y;
    let y = if behind { rect.bottom() - 1.0 } else { rect.top() + 1.0 };
    let line = Stroke::new(2.0, theme::accent(ui.visuals().dark_mode));
    ui.painter_at(clip).hline(rect.x_range(), y, line);
    if !ui.input(|i| i.pointer.any_released()) || DragAndDrop::take_payload::<Dragged>(ui.ctx()).is_none() {
        return;
    }
    let (editor, track) = (&mut *edits.editor, dragged.0);
    let done = match row {
        Row::Track(other) => editor.lay_beside(track, (other.id, behind), other.folder.as_deref()),
        Row::Folder(folder) => match folder.tracks.first() {
            // It would be out of sight in any place, and comes last.
            Some(_) if behind && folder.folded => editor.put_in_folder(track, Some(&folder.name)),
            Some(&first) => editor.lay_beside(track, (first, false), behind.then_some(folder.name.as_str())),
            None => Ok(()),
        },
    };
    edits.done(done);
}
