use super::{Command, EditError, Project};

/// What was done to a project, to be undone and done again.
///
/// Three rules:
/// * Undoing step after step leads through exactly the documents that were there before.
/// * What happens between [`History::begin`] and [`History::end`], such as the many small
///   moves of one drag, is one step.
/// * What changes nothing in the end is no step: a drag that is cancelled, or that goes back to where
///   it began, leaves what can be done again.
#[derive(Clone, Debug, Default)]
pub struct History {
    /// The oldest first.
    undo: Vec<Step>,
    /// The one that was undone first stands first.
    redo: Vec<Step>,
    /// The step that is being made, if a group is open.
    open: Option<Group>,
}

/// Steps that are remembered; the oldest is forgotten first.
const LIMIT: usize = 1000;

#[derive(Clone, Debug)]
struct Step {
    /// What the user did, as the menu says it; behind a colon may stand how much.
    name: String,
    /// What takes the step back (or, in `redo`, makes it again), in the order to apply.
    commands: Vec<Command>,
}

/// A step that is being made.
#[derive(Clone, Debug)]
struct Group {
    /// Its commands in the order in which they were made.
    step: Step,
    /// The project before it, and what could be done again then; none while it has done nothing.
    before: Option<(Project, Vec<Step>)>,
}

impl History {
    /// Applies a command; it becomes a step of that name, or part of the open group. What
    /// leaves the project as it was, such as notes quantised where they lie, is no step. Gives
    /// whether the project changed.
    ///
    /// # Errors
    /// Those of [`Command::apply`]; project and history are then as they were.
    pub fn perform(
        &mut self,
        project: &mut Project,
        name: &str,
        command: Command,
    ) -> Result<bool, EditError> {
        let before = project.clone();
        let inverse = command.apply(project)?;
        if *project == before {
            return Ok(false);
        }
        let redo = std::mem::take(&mut self.redo);
        let Some(group) = &mut self.open else {
            self.push(Step { name: name.into(), commands: vec![inverse] });
            return Ok(true);
        };
        group.step.commands.push(inverse);
        // It says how much it did as a whole.
        if name.contains(':') && kind_of(name) == kind_of(&group.step.name) {
            group.step.name = name.into();
        }
        let begun = group.before.get_or_insert((before, redo));
        if begun.0 == *project {
            group.step.commands.clear();
            self.redo = group.before.take().map(|(_, redo)| redo).unwrap_or_default();
        }
        Ok(true)
    }

    /// Applies a command that does all that the last step did, and more of it, in the place of that step.
    /// `command` makes it of the project as it was before. Gives whether the project is another than it was
    /// after the last step.
    ///
    /// # Errors
    /// Those of `command` and of [`Command::apply`]; project and history are then as they were.
    pub fn perform_instead(
        &mut self,
        project: &mut Project,
        name: &str,
        command: impl FnOnce(&Project) -> Result<Command, EditError>,
    ) -> Result<bool, EditError> {
        let after = project.clone();
        self.undo(project)?;
        let done = command(project).and_then(|command| self.perform(project, name, command));
        if let Err(error) = done {
            self.redo(project)?;
            return Err(error);
        }
        // What goes back to where it began is no step, and nothing that could be done again.
        self.redo.clear();
        Ok(*project != after)
    }

    /// Whether a group is open.
    pub fn is_open(&self) -> bool {
        self.open.is_some()
    }

    /// Opens a group. A group that is still open is closed first.
    pub fn begin(&mut self, name: &str) {
        self.end();
        let step = Step { name: name.into(), commands: Vec::new() };
        self.open = Some(Group { step, before: None });
    }

    /// Closes the group: what was done since is one step. Without a group nothing happens.
    pub fn end(&mut self) {
        if let Some(Group { mut step, .. }) = self.open.take()
            && !step.commands.is_empty()
        {
            step.commands.reverse();
            self.push(step);
        }
    }

    /// Closes the group and takes back what was done in it, as if it had never begun. Gives
    /// whether anything was.
    ///
    /// # Errors
    /// If the project was edited by something else in between.
    pub fn cancel(&mut self, project: &mut Project) -> Result<bool, EditError> {
        let Some(Group { mut step, before: Some((_, redo)) }) = self.open.take() else { return Ok(false) };
        step.commands.reverse();
        Command::All(step.commands).apply(project)?;
        self.redo = redo;
        Ok(true)
    }

    /// Takes back the last step and gives its name; `None` if there is none.
    ///
    /// # Errors
    /// If the project was edited by something else in between.
    pub fn undo(&mut self, project: &mut Project) -> Result<Option<String>, EditError> {
        self.end();
        step(project, &mut self.undo, &mut self.redo)
    }

    /// Does again what was undone last and gives its name; `None` if there is nothing.
    ///
    /// # Errors
    /// If the project was edited by something else in between.
    pub fn redo(&mut self, project: &mut Project) -> Result<Option<String>, EditError> {
        self.end();
        step(project, &mut self.redo, &mut self.undo)
    }

    /// The name of what [`History::undo`] would take back.
    pub fn undo_name(&self) -> Option<&str> {
        self.begun().or(self.undo.last()).map(|step| step.name.as_str())
    }

    /// The name of what [`History::redo`] would do again.
    pub fn redo_name(&self) -> Option<&str> {
        self.redo.last().map(|step| step.name.as_str())
    }

    /// The names of the steps that were done, the oldest first.
    pub fn undo_names(&self) -> impl Iterator<Item = &str> {
        self.undo.iter().chain(self.begun()).map(|step| step.name.as_str())
    }

    /// The names of the steps that were undone, the one that comes next first.
    pub fn redo_names(&self) -> impl Iterator<Item = &str> {
        self.redo.iter().rev().map(|step| step.name.as_str())
    }

    /// The open group, once something was done in it.
    fn begun(&self) -> Option<&Step> {
        self.open.as_ref().map(|group| &group.step).filter(|step| !step.commands.is_empty())
    }

    fn push(&mut self, step: Step) {
        self.undo.push(step);
        if self.undo.len() > LIMIT {
            self.undo.remove(0);
        }
    }
}

/// The name of a step without how much it did.
fn kind_of(name: &str) -> &str {
    name.split_once(':').map_or(name, |(kind, _)| kind)
}

/// Applies the last step of one side and puts what takes it back on the other.
fn step(
    project: &mut Project,
    from: &mut Vec<Step>,
    to: &mut Vec<Step>,
) -> Result<Option<String>, EditError> {
    let Some(Step { name, commands }) = from.pop() else { return Ok(None) };
    let inverse = Command::All(commands).apply(project)?;
    to.push(Step { name: name.clone(), commands: vec![inverse] });
    Ok(Some(name))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{SongCommand, Tempo};

    fn tempo(bpm: f64) -> Command {
        Command::Song(SongCommand::Tempo { tick: 0, tempo: Tempo::from_bpm(bpm) })
    }

    /// A history with one step to undo and one to do again.
    fn halfway(project: &mut Project) -> History {
        let mut history = History::default();
        history.perform(project, "slower", tempo(90.0)).unwrap();
        history.perform(project, "slower", tempo(60.0)).unwrap();
        history.undo(project).unwrap();
        history
    }

    #[test]
    fn a_drag_that_is_cancelled_leaves_what_can_be_done_again() {
        let mut project = Project::default();
        let mut history = halfway(&mut project);
        history.begin("drag");
        history.perform(&mut project, "drag", tempo(100.0)).unwrap();
        assert_eq!(history.redo_name(), None);
        history.cancel(&mut project).unwrap();
        assert_eq!((history.undo_name(), history.redo_name()), (Some("slower"), Some("slower")));
        history.redo(&mut project).unwrap();
        assert_eq!(project.tempo.tempo_at(0), Tempo::from_bpm(60.0).unwrap());
    }

    #[test]
    fn a_step_is_done_anew_as_a_whole_or_not_at_all() {
        let mut project = Project::default();
        let mut history = History::default();
        history.perform(&mut project, "slower:100", tempo(100.0)).unwrap();
        assert!(history.perform_instead(&mut project, "slower:90", |_| Ok(tempo(90.0))).unwrap());
        assert_eq!(history.undo_names().collect::<Vec<_>>(), ["slower:90"]);
        let nowhere = Command::Song(SongCommand::Tempo { tick: 960, tempo: None });
        assert!(history.perform_instead(&mut project, "slower:80", |_| Ok(nowhere)).is_err());
        assert_eq!((history.undo_name(), history.redo_name()), (Some("slower:90"), None));
        assert_eq!(project.tempo.tempo_at(0), Tempo::from_bpm(90.0).unwrap());
        assert!(history.perform_instead(&mut project, "slower:120", |_| Ok(tempo(120.0))).unwrap());
        assert_eq!((history.undo_name(), history.redo_name()), (None, None));
        assert_eq!(project, Project::default());
    }

    #[test]
    fn a_drag_says_what_it_did_as_a_whole() {
        let mut project = Project::default();
        let mut history = History::default();
        history.begin("slower");
        history.perform(&mut project, "slower:100", tempo(100.0)).unwrap();
        history.perform(&mut project, "slower:90", tempo(90.0)).unwrap();
        history.perform(&mut project, "other:1", tempo(80.0)).unwrap();
        history.end();
        assert_eq!(history.undo_name(), Some("slower:90"));
    }

    #[test]
    fn a_drag_that_goes_back_to_where_it_began_is_no_step() {
        let mut project = Project::default();
        let mut history = halfway(&mut project);
        history.begin("drag");
        for bpm in [100.0, 110.0, 90.0] {
            history.perform(&mut project, "drag", tempo(bpm)).unwrap();
        }
        history.end();
        assert_eq!(history.undo_names().count(), 1);
        assert_eq!(history.redo_name(), Some("slower"));
        // One that does something after all is a step.
        history.begin("drag");
        for bpm in [100.0, 90.0, 80.0] {
            history.perform(&mut project, "drag", tempo(bpm)).unwrap();
        }
        history.end();
        assert_eq!((history.undo_names().count(), history.redo_name()), (2, None));
        history.undo(&mut project).unwrap();
        assert_eq!(project.tempo.tempo_at(0), Tempo::from_bpm(90.0).unwrap());
    }
}
